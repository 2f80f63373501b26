using StreamLearn.Fleets;

namespace StreamLearn.Programs;

/// <summary>Passes on versions to retain. After a restart it first waits for the retained version: an older restored state must not replace
/// a newer version.</summary>
internal sealed class RetainNewest(RetainOptions options, OperatorContext context, IOutput<Weights> output)
    : Operator<Weights>, IControlledBy<Weights>, IControlledBy<ConnectionChange>, IStateful
{
    private Weights? _newest;
    private bool _holds;
    private DateTimeOffset? _until;
    private SessionWatch _sessions = new();

    public string StateFormat => "retain-newest/1";

    internal static Flow<Weights> Of(
        Flow<Weights> versions, Flow<Weights>? kept, EdgeLink link, PipelineBuilder p, AggregateOptions rules)
    {
        var retained = versions.Via("retain newest", new RetainOptions(rules.Restore ?? TimeSpan.Zero, rules.RestoreOnceConnected),
            static (RetainOptions options, OperatorContext context, IOutput<Weights> output) => new RetainNewest(options, context, output));
        return kept is null ? retained : retained.ControlledBy(kept).ControlledBy(p.Connections(link.Control).Named("retaining link"));
    }

    public void State(ref StateStream s)
    {
        s.Optional(ref _newest, LearningCodecs.Weights);
        s.Value(ref _holds);
        s.ClockTime(ref _until);
        _sessions.State(ref s);
        if (s.IsWriting || context.ResumesInPlace || _newest is null) { return; }
        (_holds, _sessions) = (true, new());
        Await();
    }

    public override void Process(Weights input)
    {
        _newest = input;
        if (!_holds) { output.Emit(input); }
    }

    public void Control(Weights message) => Answered(message);

    public void Control(ConnectionChange message)
    {
        _sessions.Take(message);
        if (_holds && options.OnceConnected && _sessions.AreConnected) { Await(); }
    }

    public override void WakeUp()
    {
        if (_until <= context.Now && (!options.OnceConnected || _sessions.AreConnected)) { Answered(kept: null); }
    }

    private void Await()
    {
        _until = context.Now + options.Wait;
        context.WakeAt(_until.Value);
    }

    private void Answered(Weights? kept)
    {
        if (!_holds) { return; }
        _holds = false;
        if (kept is null || kept.Id < _newest!.Id) { output.Emit(_newest!); }
    }
}

internal sealed record RetainOptions(TimeSpan Wait, bool OnceConnected) : IBlockOptions
{
    public string State => "the newest version";

    public IReadOnlyList<MessageCodec> MessageCodecs => [LearningCodecs.SavedWeights];

    public override string ToString() => $"waits {Wait:g}";
}
