namespace StreamLearn.Tables;

/// <summary>Fits until held-out data stops improving, or for a given number of epochs.</summary>
internal static class SteppedFit
{
    private const int Patience = 6;                 // epochs without improvement
    private const long PatienceSteps = 600;
    private const double MinLoss = 1e-3;            // mean log loss: the class of each row is known
    private const long MaxSteps = 30_000;

    /// <summary>Maximum duration of a fit.</summary>
    internal static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(10);

    /// <summary>Stops when the held-out loss no longer falls.</summary>
    internal static FitResult UntilDone(Network network, FitWindows learning, FitWindows held, long seed, FitLine line,
        CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(MaxTime, TimeProvider.System);
        float[] features = [.. learning.Features, .. held.Features];
        var rows = (learning.Targets.Length > 0 ? new RecordedRows(features, (float[])[.. learning.Targets, .. held.Targets])
            : new(features, (int[])[.. learning.Labels, .. held.Labels])) with
        {
            Groups = (int[])[.. new int[learning.Count], .. Enumerable.Repeat(1, held.Count)],
        };
        return network.Fit(rows, Options(seed, time.Token) with
        {
            Patience = Patience,
            PatienceSteps = PatienceSteps,
            MinLoss = learning.Targets.Length > 0 ? 0 : MinLoss,
            ValidationGroups = [1],
        }, line, cancellationToken);
    }

    /// <summary>Fits all rows for the mean number of epochs of the trials.</summary>
    internal static FitResult AsOften(Network network, FitWindows learning, IEnumerable<int> epochs, long seed, FitLine line,
        CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(MaxTime, TimeProvider.System);
        return network.Fit(learning.Rows, Options(seed, time.Token) with
        {
            Epochs = Math.Max(1, (int)Math.Round(epochs.Average())),
            ValidationShare = 0,
        }, line, cancellationToken);
    }

    /// <summary>Names the limit that was reached; null: none.</summary>
    internal static string? BoundOf(FitEnd end) => end switch
    {
        FitEnd.Steps => FormattableString.Invariant($"the limit of {MaxSteps:N0} steps"),
        FitEnd.Stopped => FormattableString.Invariant($"the limit of {MaxTime.TotalMinutes:0} minutes"),
        _ => null,
    };

    private static FitOptions Options(long seed, CancellationToken stop) =>
        new() { Epochs = int.MaxValue, MaxSteps = MaxSteps, Seed = seed, Stop = stop };
}
