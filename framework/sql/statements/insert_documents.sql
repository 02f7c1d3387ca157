select problem, problem_id, actual_version from @schema@.insert_documents($1, $2, $3);
