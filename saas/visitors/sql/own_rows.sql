-- A visitor sees and changes their own row, whoever sees all does so with every row, and nobody else finds any.
-- The two functions are asked once for a statement, not for each row: hence the SELECT around them.
ALTER TABLE visitors_visitor ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON visitors_visitor TO tenant
USING ((SELECT actor_sees_all()) OR id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR id = (SELECT current_visitor()));
-- A backup is made by a login of its own; without this it would be empty, and nothing would say so.
CREATE POLICY backup_rows ON visitors_visitor FOR SELECT TO backup USING (true)
