-- Whether what a path leads to (null: nowhere) fits a condition. The operators are those of misas_condition_operator,
-- in their order, but for 6, one of several. jsonb would compare texts by the collation of the database: they are
-- taken out, and compared by their bytes.
create function @schema@.value_fits(p_value jsonb, p_operator integer, p_operand jsonb) returns boolean
language sql immutable
as $misas$
    select case
        when p_value is null then p_operator in (1, 9)
        when p_operator = 0 then p_value = p_operand
        when p_operator = 1 then p_value <> p_operand
        when p_operator = 7 then
            jsonb_typeof(p_value) = 'string' and starts_with(p_value #>> '{}', p_operand #>> '{}')
        when p_operator > 7 then p_operator = 8
        when p_value = p_operand then p_operator in (3, 5)
        when jsonb_typeof(p_value) <> jsonb_typeof(p_operand) then false
        when jsonb_typeof(p_value) = 'string' then
            ((p_value #>> '{}') collate "C" < (p_operand #>> '{}') collate "C") = (p_operator in (2, 3))
        when jsonb_typeof(p_value) in ('number', 'boolean') then (p_value < p_operand) = (p_operator in (2, 3))
        else false
    end
$misas$;

-- Whether a document fits all conditions: the arrays, which may be null, have an element for each.
--
-- The cost is above what it is, so that a plan stops at a limit rather than looks at all documents and sorts them.
create function @schema@.document_fits(p_content jsonb, p_paths text[], p_operators integer[], p_operands jsonb[])
returns boolean
language plpgsql immutable cost 1000
as $misas$
declare
    value jsonb;
    fits boolean;
begin
    for i in 1 .. coalesce(cardinality(p_paths), 0) loop
        value := p_content #> string_to_array(p_paths[i], '.');
        if p_operators[i] = 6 then
            fits := exists (select from jsonb_array_elements(p_operands[i]) e (element) where e.element = value);
        else
            fits := @schema@.value_fits(value, p_operators[i], p_operands[i]);
        end if;
        if not fits then
            return false;
        end if;
    end loop;
    return true;
end
$misas$;
