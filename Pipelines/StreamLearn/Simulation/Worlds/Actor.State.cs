namespace StreamLearn.Simulation;

internal abstract partial class Actor
{
    internal virtual string WorldFormat => $"world-{Node.Kind}/1".ToLowerInvariant();

    protected virtual OperatorContext? Context => null;

    internal void SaveAll(StateFrames frames, string name, SavedWith with)
    {
        var now = Context?.Now;      // states are saved with the world's time
        var s = frames.Begin($"block/{name}", WorldFormat);
        State(ref s, with, now);
        if (!Ended && Stateful is { } stateful)
        {
            s = frames.Begin($"state/{name}", stateful.StateFormat);
            stateful.State(ref s);
        }

        if (Context is { } context) { context.Now = now!.Value; }
    }

    internal void LoadAll(WorldParts parts, string name, SavedWith with)
    {
        _woken = false;
        DateTimeOffset? now = null;
        parts.Read($"block/{name}", WorldFormat, (ref StateStream s) => now = State(ref s, with, null));
        if (Context is { } context) { context.ResumesInPlace = true; }
        if (!Ended && Stateful is { } stateful) { parts.Read($"state/{name}", stateful.StateFormat, stateful.State, stateful.Reads); }
        if (Context is { } known && now is { } time) { known.Now = time; }
    }

    private protected abstract void RestState(ref StateStream s, SavedWith with);

    private DateTimeOffset? State(ref StateStream s, SavedWith with, DateTimeOffset? now)
    {
        (Ended, Retired) = (s.Value(Ended), s.Value(Retired));
        if (s.IsReading && Ended) { Release(); }
        now = s.Time(now);
        Out.State(ref s, with.Messages, Node);
        Out.Marks(ref s);
        foreach (var input in Inputs)
        {
            var type = SavedMessages.TypeOf(Device.Pipeline, input.Queue.Edge);
            input.Queue.State(ref s, with.Messages, type, isLocal: false);      // as if it had run on
            input.Queue.Marks(ref s);
        }

        RestState(ref s, with);
        Metrics.State(ref s);
        return now;
    }
}
