namespace StreamLearn.Simulation;

/// <content>State besides its blocks.</content>
public sealed partial class VirtualDevice
{
    private const int MaxFailureText = 10_000;

    internal bool HasDisk { get; init; }

    internal void Standing(ref StateStream s)
    {
        EndedAt = s.Value(EndedAt?.Ticks) is { } ticks ? new(ticks) : null;
        (HasCrashed, Stopped, IsConnected) = (s.Value(HasCrashed), s.Value(Stopped), s.Value(IsConnected));
        Connects = s.Value(Connects);
        s.Value(ref _endedActors, 0, _actors.Count);
        s.Value(ref _endedAwaited, 0, _actors.Count);
        if (!s.Value(Failure is not null)) { return; }
        var why = Failure?.InnerException?.Message ?? "";
        var (block, item) = (s.Value(Failure?.Block ?? ""), s.Value(Failure?.Item ?? 0));
        why = s.Value(why.Length <= MaxFailureText ? why : why[..MaxFailureText]);
        if (s.IsReading) { Failure = new(Name, block, item, new InvalidOperationException(why)); }
    }

    internal void Hardware(ref StateStream s)
    {
        Cores.State(ref s);
        Up.State(ref s);
        Down.State(ref s);
        _sentOverPairs = LinkUse.State(ref s, _sentOverPairs);
        _receivedOverPairs = LinkUse.State(ref s, _receivedOverPairs);
        Levels.State(ref s);
    }
}
