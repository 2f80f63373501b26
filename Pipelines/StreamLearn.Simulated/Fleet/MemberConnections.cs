namespace StreamLearn.Simulated;

internal sealed class MemberConnections
{
    private TimeSpan _since;

    internal int Losses { get; private set; }

    internal int Lost { get; private set; }

    internal TimeSpan CutOff { get; private set; }

    internal bool HasLeft { get; set; }

    internal bool IsBack => Lost == 0;

    internal void Lose(TimeSpan at, bool wasConnected)
    {
        Losses += wasConnected ? 1 : 0;
        if (Lost++ == 0) { _since = at; }
    }

    internal void Restore(int sessions, TimeSpan at)
    {
        Lost -= sessions;
        if (Lost == 0) { CutOff += at - _since; }
    }

    internal void Close(TimeSpan at)
    {
        if (Lost > 0) { CutOff += at - _since; }
    }
}

/// <summary><paramref name="CutOff"/>: time with at least one lost connection. <paramref name="IsBack"/>: false if still lost at the
/// end.</summary>
internal sealed record LinkFacts(string Name, int Losses, TimeSpan CutOff, bool IsBack);
