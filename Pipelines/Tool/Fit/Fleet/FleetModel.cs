using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Programs;

namespace Tool;

/// <summary>What a fleet learns, and from what of its windows. <paramref name="Source"/>: the rows, prepared as the network takes
/// them.</summary>
internal sealed record FleetModel(string Name, FleetSource Source, Network Network)
{
    /// <summary>What answers: <see cref="Network"/>, or it in integers of 8 bits.</summary>
    internal IModel Answering { get; init; } = Network;

    /// <summary>Bounds of the accuracy on unseen devices, of 95 % confidence; null: the model was named, or too few devices chose
    /// it.</summary>
    internal (double Low, double High)? Promised { get; init; }

    private const int WindowValues = 128 * 6;       // what a buffer of 128 rows is meant for

    private const int MaxLags = 1024;               // values of a window: the sums of ridge regression are of each two
    private const int SampledWindows = 1024;        // more than there are kernels with their dilations

    /// <summary>What <c>auto</c> tries, the simplest first.</summary>
    internal static ModelKind[] CandidatesOf(FleetSource source) => source.WindowSamples switch
    {
        1 => [ModelKind.Linear, ModelKind.Features],
        < RocketKernels.MinRows => [ModelKind.Linear, ModelKind.Features, ModelKind.Conv],
        _ => [ModelKind.Linear, ModelKind.Rocket, ModelKind.Features, ModelKind.Conv],
    };

    /// <summary>The same of one machine with the rows of all: a forecast may follow from the values of a window as they are.</summary>
    internal static ModelKind[] AloneCandidatesOf(FleetSource source) => source.Ahead is null || ValuesOf(source) > MaxLags
        ? CandidatesOf(source) : [ModelKind.Lags, .. CandidatesOf(source)];

    private static int ValuesOf(FleetSource source) => source.Channels.Length * source.WindowSamples;

    /// <summary>The place of the newest value of the column whose later one the model tells; null: it takes none.</summary>
    internal int? Prior => Source is { Ahead: not null, Target.Name: var target, Preparation: { Kind: ModelKind.Lags } taken }
        && taken.Channels.Select(static c => c.Name).ToList().IndexOf(target) is >= 0 and var place
        ? ((place + 1) * taken.WindowRows) - 1 : null;

    /// <summary>The model of a name other than <c>auto</c>.</summary>
    /// <exception cref="ProgramException">It needs windows, and there are none.</exception>
    internal static FleetModel Of(ModelKind kind, FleetSource source, long seed)
    {
        if (source.WindowSamples == 1 && kind is (ModelKind.Conv or ModelKind.Rocket or ModelKind.Lags))
        {
            throw new ProgramException($"--model {Preparation.Word(kind)}: expected windows; --window row goes with linear and features",
                ExitCode.BadCommandLine);
        }

        if (kind == ModelKind.Lags && ValuesOf(source) > MaxLags)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"--model lags: expected windows of {MaxLags} values or fewer, got {ValuesOf(source)}: --window makes shorter ones"),
                ExitCode.BadCommandLine);
        }

        var preparation = source.Preparation with { Kind = kind, Rocket = kind == ModelKind.Rocket ? KernelsOf(source, seed) : null };
        var name = Preparation.Word(kind);
        return new(name, source with
        {
            Preparation = preparation,
            BufferRows = Preparation.TakesRows(kind) ? source.BufferRows : BufferOf(preparation.Input.Size),
            ModelName = name,
        }, source.Objective is { } objective ? WindowModel.Create(preparation, objective, seed)
            : WindowModel.Create(preparation, source.Classes.Length, seed));
    }

    /// <summary>Convolutions whose biases a sample of the windows of those who learn gave.</summary>
    /// <exception cref="ProgramException">There is no window, or it is too short.</exception>
    private static RocketKernels KernelsOf(FleetSource source, long seed)
    {
        var preparation = source.Preparation with { Kind = ModelKind.Conv };
        if (preparation.WindowRows < RocketKernels.MinRows)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"--model rocket: expected windows of {RocketKernels.MinRows} rows or more, got {preparation.WindowRows}"),
                ExitCode.BadCommandLine);
        }

        var windows = LabelledWindows.Collect(source with { Preparation = preparation }, source.Devices, seed, SampledWindows);
        return windows.Labels.Length > 0
            ? RocketKernels.Fit(windows.Features, preparation.Channels.Length, preparation.WindowRows, seed)
            : throw new ProgramException("expected windows of one label to learn from, got none: --window SECONDS makes shorter ones",
                ExitCode.DataRefused);
    }

    /// <summary>Rows of a buffer of about the bytes that 128 windows take.</summary>
    private static int BufferOf(int columns) => Math.Clamp(128 * WindowValues / columns, 128, 4096);
}
