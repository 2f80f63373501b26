using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Tables;

namespace Tool;

/// <summary><paramref name="Source"/>: the rows, prepared for the network.</summary>
internal sealed record FleetModel(string Name, FleetSource Source, Network Network)
{
    /// <summary><see cref="Network"/>, or its 8-bit form.</summary>
    internal IModel Answering { get; init; } = Network;

    /// <summary>95 % confidence bounds of the accuracy on unseen devices; null: the model was named, or too few devices chose it.</summary>
    internal (double Low, double High)? Promised { get; init; }

    private const int WindowValues = 128 * 6;       // values of a window that a buffer of 128 rows is meant for

    private const int MaxLags = 1024;               // maximum values of a window: ridge regression needs sums of all pairs
    private const int SampledWindows = 1024;        // more than there are kernels with dilations

    /// <summary>Candidates of <c>auto</c>, simplest first.</summary>
    internal static ModelKind[] CandidatesOf(FleetSource source) => source.WindowSamples switch
    {
        1 => [ModelKind.Linear, ModelKind.Features],
        < RocketKernels.MinRows => [ModelKind.Linear, ModelKind.Features, ModelKind.Conv],
        _ => [ModelKind.Linear, ModelKind.Rocket, ModelKind.Features, ModelKind.Conv],
    };

    /// <summary>Candidates on one machine with all rows; a forecast may also use raw window values.</summary>
    internal static ModelKind[] AloneCandidatesOf(FleetSource source) => source.Ahead is null || ValuesOf(source) > MaxLags
        ? CandidatesOf(source) : [ModelKind.Lags, .. CandidatesOf(source)];

    private static int ValuesOf(FleetSource source) => source.Channels.Length * source.WindowSamples;

    /// <summary>Index of the newest value of the forecast column; null: not an input.</summary>
    internal int? Prior => Source is { Ahead: not null, Target.Name: var target, Preparation: { Kind: ModelKind.Lags } taken }
        && taken.Channels.Select(static c => c.Name).ToList().IndexOf(target) is >= 0 and var place
        ? ((place + 1) * taken.WindowRows) - 1 : null;

    internal static FleetModel Of(ModelKind kind, FleetSource source, long seed)
    {
        if (source.WindowSamples == 1 && kind is (ModelKind.Conv or ModelKind.Rocket or ModelKind.Lags))
        {
            throw new ProgramException($"--model {Preparation.Word(kind)}: expected windows; --window row is for linear and features",
                ExitCode.BadCommandLine);
        }

        if (kind == ModelKind.Lags && ValuesOf(source) > MaxLags)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"--model lags: expected windows of {MaxLags} values or fewer, got {ValuesOf(source)}: use a shorter --window"),
                ExitCode.BadCommandLine);
        }

        var preparation = source.Preparation with { Kind = kind, Rocket = kind == ModelKind.Rocket ? KernelsOf(source, seed) : null };
        var name = Preparation.Word(kind);
        return new(name, source with
        {
            Input = new Prepared(preparation),
            BufferRows = Preparation.TakesRows(kind) ? source.BufferRows : BufferOf(preparation.Input.Size),
            MaxVisits = kind is ModelKind.Linear or ModelKind.Lags ? null : new TrainOptions().MaxVisits,
            ModelName = name,
        }, source.Objective is { } objective ? WindowModel.Create(preparation, objective, seed)
            : WindowModel.Create(preparation, source.Classes.Length, seed));
    }

    /// <summary>Biases come from a sample of training windows.</summary>
    /// <exception cref="ProgramException">No window, or too short.</exception>
    private static RocketKernels KernelsOf(FleetSource source, long seed)
    {
        var preparation = source.Preparation with { Kind = ModelKind.Conv };
        if (preparation.WindowRows < RocketKernels.MinRows)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"--model rocket: expected windows of {RocketKernels.MinRows} rows or more, got {preparation.WindowRows}"),
                ExitCode.BadCommandLine);
        }

        var windows = LabelledWindows.Collect(source with { Input = new Prepared(preparation) }, source.Devices, seed, SampledWindows);
        return windows.Labels.Length > 0
            ? RocketKernels.Fit(windows.Features, preparation.Channels.Length, preparation.WindowRows, seed)
            : throw new ProgramException("expected windows of one label to learn from, got none: use a shorter --window SECONDS",
                ExitCode.DataRefused);
    }

    /// <summary>About the bytes of 128 windows.</summary>
    private static int BufferOf(int columns) => Math.Clamp(128 * WindowValues / columns, 128, 4096);
}
