# Embeds the SQL files into one C source, so that an installed program carries its own migrations.
#   cmake -DSQL_DIR=framework/sql -DOUT=sql.c -P MisasEmbedSql.cmake
# sql/migrations/<version>/<object>.sql are the migrations: the files of a folder, in the order of their
# names, are one migration. sql/statements/<name>.sql become misas__sql_<name>.

function(read_as_c_array file out)
    file(READ "${file}" bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    set(${out} "{${bytes}0}" PARENT_SCOPE)
endfunction()

set(text "/* Made by MisasEmbedSql.cmake from the files in ${SQL_DIR}. */\n#include \"postgresql/sql.h\"\n\n")

file(GLOB statements "${SQL_DIR}/statements/*.sql")
list(SORT statements)
foreach(file IN LISTS statements)
    get_filename_component(name "${file}" NAME_WE)
    read_as_c_array("${file}" bytes)
    string(APPEND text "const char misas__sql_${name}[] = ${bytes};\n")
endforeach()

file(GLOB migrations RELATIVE "${SQL_DIR}/migrations" "${SQL_DIR}/migrations/*/*.sql")
list(SORT migrations)
set(table "")
set(index 0)
foreach(file IN LISTS migrations)
    read_as_c_array("${SQL_DIR}/migrations/${file}" bytes)
    string(APPEND text "static const char migration_${index}[] = ${bytes};\n")
    get_filename_component(folder "${file}" DIRECTORY)
    math(EXPR version "1${folder} - 10000")
    string(APPEND table "    {${version}, \"${file}\", migration_${index}},\n")
    math(EXPR index "${index} + 1")
endforeach()
string(APPEND text "\nconst misas__migration_file misas__migration_files[] = {\n${table}    {0, 0, 0},\n};\n")

file(WRITE "${OUT}" "${text}")
