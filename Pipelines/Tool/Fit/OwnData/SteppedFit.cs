using StreamLearn.Learning;
using StreamLearn.Models;

namespace Tool;

/// <summary>Fits networks step by step: until what is left out says that they are done, or as often as that took.</summary>
internal static class SteppedFit
{
    private const int Patience = 6;                 // epochs
    private const long PatienceSteps = 600;
    private const long MaxSteps = 30_000;

    /// <summary>The longest time of one fit.</summary>
    internal static readonly TimeSpan MaxTime = TimeSpan.FromMinutes(10);

    /// <summary>Fits until the loss of what is held has stopped falling.</summary>
    internal static FitResult UntilDone(Network network, LabelledWindows learning, LabelledWindows held, long seed, FitLine line,
        CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(MaxTime, TimeProvider.System);
        var rows = learning.And(held).Rows with
        {
            Groups = (int[])[.. new int[learning.Labels.Length], .. Enumerable.Repeat(1, held.Labels.Length)],
        };
        return network.Fit(rows, Options(seed, time.Token) with
        {
            Patience = Patience,
            PatienceSteps = PatienceSteps,
            ValidationGroups = [1],
        }, line, cancellationToken);
    }

    /// <summary>Fits to all rows as often as trials took on average.</summary>
    internal static FitResult AsOften(Network network, LabelledWindows learning, IEnumerable<int> epochs, long seed, FitLine line,
        CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(MaxTime, TimeProvider.System);
        return network.Fit(learning.Rows, Options(seed, time.Token) with
        {
            Epochs = Math.Max(1, (int)Math.Round(epochs.Average())),
            ValidationShare = 0,
        }, line, cancellationToken);
    }

    /// <summary>The bound at which a fit ended; null: it ended at none.</summary>
    internal static string? BoundOf(FitEnd end) => end switch
    {
        FitEnd.Steps => FormattableString.Invariant($"the bound of {MaxSteps:N0} steps"),
        FitEnd.Stopped => FormattableString.Invariant($"the bound of {MaxTime.TotalMinutes:0} minutes"),
        _ => null,
    };

    private static FitOptions Options(long seed, CancellationToken stop) =>
        new() { Epochs = int.MaxValue, MaxSteps = MaxSteps, Seed = seed, Stop = stop };
}
