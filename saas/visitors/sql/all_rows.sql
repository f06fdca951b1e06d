DROP POLICY own_rows ON visitors_visitor;
DROP POLICY backup_rows ON visitors_visitor;
ALTER TABLE visitors_visitor DISABLE ROW LEVEL SECURITY
