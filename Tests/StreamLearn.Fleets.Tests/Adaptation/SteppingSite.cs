namespace StreamLearn.Fleets.Tests;

/// <summary>What a site learns in a step.</summary>
/// <param name="Site">The site.</param>
/// <param name="Steps">Its steps; with the last one it leaves.</param>
/// <param name="Work">Multiply-adds of a step.</param>
/// <param name="Change">From the number of the step, from 1, and the version: the change.</param>
internal sealed record SiteSteps(string Site, long Steps, long Work, Func<long, ImmutableArray<float>, float[]> Change)
{
    /// <summary>The start of the site.</summary>
    internal long Epoch { get; init; } = 1;
    public override string ToString() => $"{Steps} steps";
}

/// <summary>A site that makes a step on each version.</summary>
internal sealed class SteppingSite(SiteSteps steps, OperatorContext context, IOutput<WeightDelta> output) : Operator<Weights>, IStateful
{
    private long _made;
    public string StateFormat => "stepping-site/1";
    public void State(ref StateStream s) => s.Value(ref _made);

    public override void Process(Weights input)
    {
        if (_made == steps.Steps) { return; }
        _made++;
        context.Charge(steps.Work);
        output.Emit(new()
        {
            Device = steps.Site,
            Epoch = steps.Epoch,
            Sequence = _made,
            BaseVersion = input.Version,
            Samples = 1,
            Steps = 1,
            SchemaHash = input.SchemaHash,
            Values = [.. steps.Change(_made, input.Values)],
            Leaving = _made == steps.Steps,
        });
    }
}

/// <summary>The version that a site begins with.</summary>
internal sealed class FirstVersion(Weights first, OperatorContext context) : Source<Weights>, ISeekable
{
    private readonly DateTimeOffset _start = context.Now;
    private bool _made;
    public override DateTimeOffset? NextAt => _made ? DateTimeOffset.MaxValue : _start;
    public void Seek(long messages) => _made = messages > 0;

    public override Weights Next()
    {
        _made = true;
        return first;
    }
}
