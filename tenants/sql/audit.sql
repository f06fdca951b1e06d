-- What the audit needs beside its rules, which stand in the audit_*.sql files.

-- enter --
SELECT current_setting('search_path'), set_config('search_path', '', true)

-- leave --
SELECT set_config('search_path', %(path)s, true)
