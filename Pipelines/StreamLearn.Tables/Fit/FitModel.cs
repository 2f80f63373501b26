using StreamLearn.Operators;

namespace StreamLearn.Tables;

/// <summary><paramref name="Rows"/>: prepared for the network.</summary>
internal sealed record FitModel(FitRows Rows, Network Network)
{
    private const int MaxLags = 1024;               // maximum values of a window: ridge regression needs sums of all pairs
    private const int SampledWindows = 1024;        // more than there are kernels with dilations

    internal Preparation Preparation => Rows.Preparation;

    internal string Name => Preparation.Word(Preparation.Kind);

    internal bool OfValues => Network.Plan.Target == TargetKind.Value;

    /// <summary>True if held-out devices choose a penalty: needs many people, little time.</summary>
    internal bool IsRidge => Preparation.Kind == ModelKind.Rocket;

    internal bool IsLinear => Preparation.Kind is ModelKind.Linear or ModelKind.Lags;

    /// <summary>Index of the newest value of the forecast column; null: not an input.</summary>
    internal int? Prior => Rows is { Ahead: not null, Target.Name: var target } && Preparation.Kind == ModelKind.Lags
        && Preparation.Channels.Select(static c => c.Name).ToList().IndexOf(target) is >= 0 and var place
        ? ((place + 1) * Preparation.WindowRows) - 1 : null;

    /// <summary>Candidates of <c>auto</c>, simplest first. <paramref name="samples"/>: rows of a window.</summary>
    internal static ModelKind[] CandidatesOf(int samples) => samples switch
    {
        1 => [ModelKind.Linear, ModelKind.Features],
        < RocketKernels.MinRows => [ModelKind.Linear, ModelKind.Features, ModelKind.Conv],
        _ => [ModelKind.Linear, ModelKind.Rocket, ModelKind.Features, ModelKind.Conv],
    };

    /// <summary>Candidates on one machine with all rows; a forecast may also use raw window values.</summary>
    internal static ModelKind[] CandidatesOf(FitRows rows) => rows.Ahead is null || ValuesOf(rows.Preparation) > MaxLags
        ? CandidatesOf(rows.Preparation.WindowRows) : [ModelKind.Lags, .. CandidatesOf(rows.Preparation.WindowRows)];

    private static int ValuesOf(Preparation preparation) => preparation.Channels.Length * preparation.WindowRows;

    internal static FitModel Of(ModelKind kind, FitRows rows, long seed)
    {
        if (rows.IsByRow && kind is (ModelKind.Conv or ModelKind.Rocket or ModelKind.Lags))
        {
            throw new ProgramException($"--model {Preparation.Word(kind)}: expected windows; --window row is for linear and features",
                ProgramExit.BadCommandLine);
        }

        if (kind == ModelKind.Lags && ValuesOf(rows.Preparation) > MaxLags)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"--model lags: expected windows of {MaxLags} values or fewer, got {ValuesOf(rows.Preparation)}: ")
                + "use a shorter --window", ProgramExit.BadCommandLine);
        }

        var preparation = rows.Preparation with { Kind = kind, Rocket = kind == ModelKind.Rocket ? KernelsOf(rows, seed) : null };
        return new(rows with { Preparation = preparation }, rows.Objective is { } objective
            ? WindowModel.Create(preparation, objective, seed) : WindowModel.Create(preparation, rows.Classes.Length, seed));
    }

    /// <summary>Biases come from a sample of training windows.</summary>
    /// <exception cref="ProgramException">No window, or too short.</exception>
    private static RocketKernels KernelsOf(FitRows rows, long seed)
    {
        var preparation = rows.Preparation with { Kind = ModelKind.Conv };
        if (preparation.WindowRows < RocketKernels.MinRows)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"--model rocket: expected windows of {RocketKernels.MinRows} rows or more, got {preparation.WindowRows}"),
                ProgramExit.BadCommandLine);
        }

        var windows = FitWindows.Collect(rows with { Preparation = preparation }, rows.Devices, seed, SampledWindows);
        return windows.Count > 0 ? RocketKernels.Fit(windows.Features, preparation.Channels.Length, preparation.WindowRows, seed)
            : throw new ProgramException("expected windows of one label to learn from, got none: use a shorter --window SECONDS",
                ProgramExit.DataRefused);
    }
}
