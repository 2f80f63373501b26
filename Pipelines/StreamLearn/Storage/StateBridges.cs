namespace StreamLearn;

/// <summary>Symmetrical states of types that have a pair of methods.</summary>
internal static class StateBridges
{
    internal static void State(this SessionWatch sessions, ref StateStream s)
    {
        if (s.IsReading) { sessions.Load(ref s.Reader); }
        else { sessions.Save(s.Writer); }
    }

    internal static void State(this TopicLevels levels, ref StateStream s)
    {
        if (s.IsReading) { levels.Load(ref s.Reader); }
        else { levels.Save(s.Writer); }
    }

    internal static void State(this Subscription subscription, ref StateStream s, long given)
    {
        if (s.IsReading) { subscription.Load(ref s.Reader, given); }
        else { subscription.Save(s.Writer, given); }
    }

    internal static void State(this KnownMessages known, ref StateStream s, bool leavesNewest)
    {
        if (s.IsReading) { known.Load(ref s.Reader); }
        else { known.Save(s.Writer, leavesNewest); }
    }
}
