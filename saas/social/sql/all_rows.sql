DROP POLICY own_name ON social_message;
DROP POLICY own_rows ON social_follow;
DROP POLICY backup_rows ON social_follow;
ALTER TABLE social_follow DISABLE ROW LEVEL SECURITY;
DROP POLICY own_rows ON social_bookmark;
DROP POLICY backup_rows ON social_bookmark;
ALTER TABLE social_bookmark DISABLE ROW LEVEL SECURITY;
DROP POLICY own_rows ON social_message;
DROP POLICY backup_rows ON social_message;
ALTER TABLE social_message DISABLE ROW LEVEL SECURITY;
DROP POLICY own_rows ON social_participant;
DROP POLICY backup_rows ON social_participant;
ALTER TABLE social_participant DISABLE ROW LEVEL SECURITY;
DROP POLICY own_rows ON social_conversation;
DROP POLICY backup_rows ON social_conversation;
ALTER TABLE social_conversation DISABLE ROW LEVEL SECURITY
