-- Who takes part in a conversation sees it and who takes part in it; who does so now reads and writes its messages.
-- Bookmarks are for who keeps them, requests to follow for the two. Whoever sees all does so with every row.
-- `members` is on the conversation since a policy cannot ask its own table: the participants would ask themselves.
-- Notifications are left out: who likes a post writes into a row of its author's, in which others are counted already.

ALTER TABLE social_conversation ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON social_conversation TO tenant
USING ((SELECT actor_sees_all()) OR (SELECT current_visitor()) IN (low_id, high_id) OR (SELECT current_visitor()) = ANY (members))
WITH CHECK ((SELECT actor_sees_all()) OR (SELECT current_visitor()) IN (low_id, high_id) OR (SELECT current_visitor()) = ANY (members));
CREATE POLICY backup_rows ON social_conversation FOR SELECT TO backup USING (true);

ALTER TABLE social_participant ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON social_participant TO tenant
USING ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM social_conversation AS above WHERE above.id = conversation_id))
WITH CHECK ((SELECT actor_sees_all()) OR EXISTS (SELECT FROM social_conversation AS above WHERE above.id = conversation_id));
CREATE POLICY backup_rows ON social_participant FOR SELECT TO backup USING (true);

ALTER TABLE social_message ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON social_message TO tenant
USING ((SELECT actor_sees_all()) OR EXISTS (
    SELECT FROM social_participant AS part
    WHERE part.conversation_id = social_message.conversation_id AND part.profile_id = (SELECT current_visitor()) AND coalesce(part.left_at, 'infinity') = 'infinity'))
WITH CHECK ((SELECT actor_sees_all()) OR EXISTS (
    SELECT FROM social_participant AS part
    WHERE part.conversation_id = social_message.conversation_id AND part.profile_id = (SELECT current_visitor()) AND coalesce(part.left_at, 'infinity') = 'infinity'));
CREATE POLICY backup_rows ON social_message FOR SELECT TO backup USING (true);
-- Nobody writes in the name of another.
CREATE POLICY own_name ON social_message AS RESTRICTIVE FOR INSERT TO tenant
WITH CHECK ((SELECT actor_sees_all()) OR author_id = (SELECT current_visitor()));

ALTER TABLE social_bookmark ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON social_bookmark TO tenant
USING ((SELECT actor_sees_all()) OR profile_id = (SELECT current_visitor()))
WITH CHECK ((SELECT actor_sees_all()) OR profile_id = (SELECT current_visitor()));
CREATE POLICY backup_rows ON social_bookmark FOR SELECT TO backup USING (true);

ALTER TABLE social_follow ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON social_follow TO tenant
USING ((SELECT actor_sees_all()) OR accepted_at IS NOT NULL OR (SELECT current_visitor()) IN (follower_id, followee_id))
WITH CHECK ((SELECT actor_sees_all()) OR (SELECT current_visitor()) IN (follower_id, followee_id));
CREATE POLICY backup_rows ON social_follow FOR SELECT TO backup USING (true)
