namespace StreamLearn.Nodes;

internal sealed record DqnSettings
{
    public ImmutableArray<int> Hidden
    {
        get;
        init => field = !value.IsDefault && value.All(static v => v >= 1) ? value
            : throw new ArgumentException("expected hidden layers of at least 1 value", nameof(Hidden));
    } = [64, 64];

    public float LearningRate { get; init => field = value > 0 ? value : throw Range(nameof(LearningRate), value, "above 0"); } = 1e-3f;

    /// <summary>Share of the step size left at <see cref="MaxSteps"/>, along a half cosine; 0 to 1; default 0.01. 1: constant.</summary>
    public float FinalRateShare
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw Range(nameof(FinalRateShare), value, "0 to 1");
    } = 0.01f;

    public double Discount { get; init => field = value is >= 0 and <= 1 ? value : throw Range(nameof(Discount), value, "0 to 1"); } = 0.9;

    public int ReplaySteps { get; init => field = value >= 1 ? value : throw Range(nameof(ReplaySteps), value, "at least 1"); } = 5000;

    public int BatchSteps { get; init => field = value >= 1 ? value : throw Range(nameof(BatchSteps), value, "at least 1"); } = 64;

    public int StepsPerUpdate { get; init => field = value >= 1 ? value : throw Range(nameof(StepsPerUpdate), value, "at least 1"); } = 1;

    public int UpdatesPerCopy { get; init => field = value >= 1 ? value : throw Range(nameof(UpdatesPerCopy), value, "at least 1"); } = 200;

    public double InitialExploration
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw Range(nameof(InitialExploration), value, "0 to 1");
    } = 1;

    public double FinalExploration
    {
        get;
        init => field = value is >= 0 and <= 1 ? value : throw Range(nameof(FinalExploration), value, "0 to 1");
    } = 0.02;

    public int ExplorationSteps
    {
        get;
        init => field = value >= 1 ? value : throw Range(nameof(ExplorationSteps), value, "at least 1");
    } = 10_000;

    public int MaxSteps { get; init => field = value >= 1 ? value : throw Range(nameof(MaxSteps), value, "at least 1"); } = 25_000;

    public double ExplorationAfter(int steps) =>
        double.Lerp(InitialExploration, FinalExploration, Math.Min(1, steps / (double)ExplorationSteps));

    private static ArgumentOutOfRangeException Range(string name, object value, string expected) =>
        new(name, value, $"expected {expected}");
}
