using System.Runtime.InteropServices;
using StreamLearn.Operators;

namespace StreamLearn.Tables;

/// <summary>What a forecast needs no model for.</summary>
internal enum PlainForecast
{
    /// <summary>The newest value of the target.</summary>
    Now,

    /// <summary>The mean of the learned targets.</summary>
    Mean,
}

/// <summary><paramref name="Rows"/>: prepared for the network.</summary>
internal sealed record FitModel(FitRows Rows, Network Network)
{
    private const int MaxLags = 1024;               // maximum values per window, since ridge regression needs sums over all pairs
    private const int SampledWindows = 1024;        // more than there are kernels with dilations

    internal Preparation Preparation => Rows.Preparation;

    /// <summary>The forecast that it always gives; null: it learns.</summary>
    internal PlainForecast? Plain { get; init; }

    internal string Name => Plain switch
    {
        null => Preparation.Word(Preparation.Kind),
        PlainForecast.Now => "the value of now",
        _ => "the mean",
    };

    internal bool OfValues => Network.Plan.Target == TargetKind.Value;

    /// <summary>True if held-out devices choose a penalty, which needs many people but little time.</summary>
    internal bool IsRidge => Preparation.Kind == ModelKind.Rocket;

    internal bool IsStepped => !IsRidge && !IsLinear;

    internal bool IsLinear => Preparation.Kind is ModelKind.Linear or ModelKind.Lags;

    /// <summary>Index of the newest value of the forecast column; null if it is not an input.</summary>
    internal int? Prior => Rows is { Ahead: not null, Target.Name: var target } && Preparation.Kind == ModelKind.Lags
        && Preparation.Channels.Select(static c => c.Name).ToList().IndexOf(target) is >= 0 and var place
        ? ((place + 1) * Preparation.WindowRows) - 1 : null;

    /// <summary>Returns the candidates of <c>auto</c>, simplest first. <paramref name="samples"/>: rows per window.</summary>
    internal static ModelKind[] CandidatesOf(int samples) => samples switch
    {
        1 => [ModelKind.Linear, ModelKind.Features],
        < RocketKernels.MinRows => [ModelKind.Linear, ModelKind.Features, ModelKind.Conv],
        _ => [ModelKind.Linear, ModelKind.Rocket, ModelKind.Features, ModelKind.Conv],
    };

    /// <summary>Returns the candidates on one machine with all rows; a forecast may also use raw window values.</summary>
    internal static ModelKind[] CandidatesOf(FitRows rows) => rows.Ahead is null || ValuesOf(rows.Preparation) > MaxLags
        ? CandidatesOf(rows.Preparation.WindowRows) : [ModelKind.Lags, .. CandidatesOf(rows.Preparation.WindowRows)];

    /// <summary>Returns what a learned forecast must not be worse than, in the form of lags.</summary>
    internal static FitModel[] PlainOf(FitRows rows, long seed)
    {
        if (rows is not { Ahead: not null, Objective: { } objective }) { return []; }
        var preparation = rows.Preparation with { Kind = ModelKind.Lags };
        FitModel mean = new(rows with { Preparation = preparation }, WindowModel.Create(preparation, objective, seed))
        {
            Plain = PlainForecast.Mean,
        };
        return mean.Prior is null ? [mean] : [mean with { Plain = PlainForecast.Now }, mean];
    }

    /// <summary>Returns weights whose answer is <see cref="Plain"/>; <paramref name="mean"/>: of the targets.</summary>
    internal Weights PlainWeights(double mean)
    {
        var (values, scale) = (Network.Initial.Values.ToArray(), Rows.Objective!);
        var weight = Network.Plan.Slices[^2].Of(values.AsSpan());
        weight.Clear();
        Network.Plan.Slices[^1].Of(values.AsSpan())[0] = (float)(((Plain == PlainForecast.Now ? 0 : mean) - scale.Mean) / scale.Deviation);
        if (Plain == PlainForecast.Now) { weight[Prior!.Value] = 1 / scale.Deviation; }
        return Network.Initial with { Version = 1, Values = ImmutableCollectionsMarshal.AsImmutableArray(values) };
    }

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

        var preparation = rows.Preparation with
        {
            Kind = kind,
            Rocket = kind == ModelKind.Rocket ? KernelsOf(rows, seed) : null,
            Calendar = kind == ModelKind.Lags ? rows.Calendar : null,
        };
        return new(rows with { Preparation = preparation }, rows.Objective is { } objective
            ? WindowModel.Create(preparation, objective, seed) : WindowModel.Create(preparation, rows.Classes.Length, seed));
    }

    /// <summary>Biases come from a sample of training windows.</summary>
    /// <exception cref="ProgramException">There is no window, or windows are too short.</exception>
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
