#include "documentstore/read_only.h"

static misas_documents *inner(misas_documents *documents)
{
    return ((misas__read_only_documents *)documents)->inner;
}

static misas_error *refuse(void)
{
    return misas__document_invalid("operation", NULL, "these documents can be looked at only");
}

static misas_error *change_collection(misas_documents *documents, const char *name)
{
    (void)documents;
    (void)name;
    return refuse();
}

static misas_error *list_collections(const char ***out, misas_documents *documents)
{
    return inner(documents)->functions->list_collections(out, inner(documents));
}

static misas_error *change(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count)
{
    (void)documents;
    (void)collection;
    (void)items;
    (void)count;
    return refuse();
}

static misas_error *find(misas_document_list *list, misas_documents *documents,
                         const char *collection, const misas__document_query *query)
{
    return inner(documents)->functions->find(list, inner(documents), collection, query);
}

static misas_error *find_by_id(misas_document_list *list, misas_documents *documents,
                               const char *collection, const char *id)
{
    return inner(documents)->functions->find_by_id(list, inner(documents), collection, id);
}

static misas_error *find_by_ids(misas_document_list *list, misas_documents *documents,
                                const char *collection, const char *const *ids, size_t count)
{
    return inner(documents)->functions->find_by_ids(list, inner(documents), collection, ids, count);
}

static misas_error *count_documents(uint64_t *out, misas_documents *documents,
                                    const char *collection, const misas__document_query *query)
{
    return inner(documents)->functions->count(out, inner(documents), collection, query);
}

static misas_error *delete_where(uint64_t *out, misas_documents *documents, const char *collection,
                                 const misas__document_query *query)
{
    (void)out;
    (void)documents;
    (void)collection;
    (void)query;
    return refuse();
}

static void keep(misas_documents *documents)
{
    (void)documents;
}

void misas__read_only_documents_begin(misas__read_only_documents *out, misas_documents *documents)
{
    static const misas__documents_functions functions = {
        .create_collection = change_collection,
        .delete_collection = change_collection,
        .list_collections = list_collections,
        .insert = change,
        .upsert = change,
        .update = change,
        .delete = change,
        .find = find,
        .find_by_id = find_by_id,
        .find_by_ids = find_by_ids,
        .count = count_documents,
        .delete_where = delete_where,
        .free = keep,
    };

    *out = (misas__read_only_documents){{&functions}, documents};
}
