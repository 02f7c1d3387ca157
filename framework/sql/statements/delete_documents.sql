select problem, problem_id, actual_version from @schema@.delete_documents($1, $2, $3);
