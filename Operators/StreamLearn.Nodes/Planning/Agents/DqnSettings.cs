namespace StreamLearn.Nodes;

/// <summary>Settings of a deep Q-network agent.</summary>
internal sealed record DqnSettings
{
    /// <summary>Sizes of the hidden layers; default 64 and 64.</summary>
    public ImmutableArray<int> Hidden
    {
        get;
        init => field = !value.IsDefault && value.All(static v => v >= 1) ? value
            : throw new ArgumentException("expected hidden layers of at least 1 value", nameof(Hidden));
    } = [64, 64];

    /// <summary>Step size of Adam, above 0; default 1e-3.</summary>
    public float LearningRate { get; init => field = value > 0 ? value : throw Range(nameof(LearningRate), value, "above 0"); } = 1e-3f;

    /// <summary>Share of the step size left at <see cref="MaxSteps"/>, after a half cosine; 0 to 1; default 0.01. 1: constant.</summary>
    public float FinalRateShare
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw Range(nameof(FinalRateShare), value, "0 to 1");
    } = 0.01f;

    /// <summary>Discount factor per step, 0 to 1; default 0.9.</summary>
    public double Discount { get; init => field = value is >= 0 and <= 1 ? value : throw Range(nameof(Discount), value, "0 to 1"); } = 0.9;

    /// <summary>Replay memory in steps, at least 1; default 5,000.</summary>
    public int ReplaySteps { get; init => field = value >= 1 ? value : throw Range(nameof(ReplaySteps), value, "at least 1"); } = 5000;

    /// <summary>Replayed steps per update, at least 1; default 64.</summary>
    public int BatchSteps { get; init => field = value >= 1 ? value : throw Range(nameof(BatchSteps), value, "at least 1"); } = 64;

    /// <summary>Steps between updates, at least 1; default 1.</summary>
    public int StepsPerUpdate { get; init => field = value >= 1 ? value : throw Range(nameof(StepsPerUpdate), value, "at least 1"); } = 1;

    /// <summary>Updates between target network copies, at least 1; default 200.</summary>
    public int UpdatesPerCopy { get; init => field = value >= 1 ? value : throw Range(nameof(UpdatesPerCopy), value, "at least 1"); } = 200;

    /// <summary>Initial share of random actions, 0 to 1; default 1.</summary>
    public double InitialExploration
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw Range(nameof(InitialExploration), value, "0 to 1");
    } = 1;

    /// <summary>Share of random actions after <see cref="ExplorationSteps"/>, 0 to 1; default 0.02.</summary>
    public double FinalExploration
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw Range(nameof(FinalExploration), value, "0 to 1");
    } = 0.02;

    /// <summary>Steps of the linear fall of exploration, at least 1; default 10,000.</summary>
    public int ExplorationSteps
    {
        get;
        init => field = value >= 1 ? value : throw Range(nameof(ExplorationSteps), value, "at least 1");
    } = 10_000;

    /// <summary>Steps until the agent is done, at least 1; default 25,000.</summary>
    public int MaxSteps { get; init => field = value >= 1 ? value : throw Range(nameof(MaxSteps), value, "at least 1"); } = 25_000;

    /// <summary>Returns the share of random actions after some steps.</summary>
    public double ExplorationAfter(int steps) =>
        double.Lerp(InitialExploration, FinalExploration, Math.Min(1, steps / (double)ExplorationSteps));

    public bool Equals(DqnSettings? other) =>
        other is not null && Hidden.AsSpan().SequenceEqual(other.Hidden.AsSpan())
        && (LearningRate, Discount, ReplaySteps, BatchSteps) == (other.LearningRate, other.Discount, other.ReplaySteps, other.BatchSteps)
        && (FinalRateShare, StepsPerUpdate, UpdatesPerCopy, MaxSteps)
            == (other.FinalRateShare, other.StepsPerUpdate, other.UpdatesPerCopy, other.MaxSteps)
        && (InitialExploration, FinalExploration, ExplorationSteps)
            == (other.InitialExploration, other.FinalExploration, other.ExplorationSteps);

    public override int GetHashCode() => HashCode.Combine(Hidden.Length, LearningRate, Discount, ReplaySteps, BatchSteps, MaxSteps);

    private static ArgumentOutOfRangeException Range(string name, object value, string expected) =>
        new(name, value, $"expected {expected}");
}
