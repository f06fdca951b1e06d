CREATE TRIGGER social_participant_remembered AFTER INSERT ON social_participant
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION social_remember_members()
