select problem, problem_id, actual_version from @schema@.update_documents($1, $2, $3, $4);
