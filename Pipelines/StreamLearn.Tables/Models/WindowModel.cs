namespace StreamLearn.Tables;

internal static class WindowModel
{
    private const int Hidden = 64;

    /// <summary>Creates a network of the prepared kind. For features, it has a linear first exit, then 64 hidden units.</summary>
    public static Network Create(Preparation preparation, int classes, long seed) => Create(preparation, classes, null, seed);

    public static Network Create(Preparation preparation, SquaredError objective, long seed) => Create(preparation, 1, objective, seed);

    private static Network Create(Preparation preparation, int outputs, SquaredError? objective, long seed) => preparation.Kind switch
    {
        ModelKind.Conv => Network.OfWindows(preparation.Channels.Length, preparation.WindowRows, outputs, seed, objective: objective),
        ModelKind.Linear or ModelKind.Rocket or ModelKind.Lags => new(preparation.Input, outputs,
            [new Scale { Columns = preparation.Rocket?.Fingerprint ?? 0 }], [new(0, new Dense(outputs))], seed, objective: objective),
        _ => new(preparation.Input, outputs, [new Scale(), new Dense(Hidden), new Relu()],
            [new(0, new Dense(outputs), 0.5f), new(2, new Dense(outputs))], seed, objective: objective),
    };
}
