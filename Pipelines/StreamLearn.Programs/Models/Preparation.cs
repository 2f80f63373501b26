using System.Collections.Immutable;
using System.Globalization;
using StreamLearn.Models;
using StreamLearn.Onnx;
using StreamLearn.Operators;

namespace StreamLearn.Programs;

/// <summary>What becomes of rows before a model takes them. Training and answering have the same value, so they cannot differ. It travels
/// in the card of the model (<see cref="ModelCard.Provenance"/>).</summary>
/// <param name="Channels">Names and units of the channels, in the order of the model.</param>
/// <param name="WindowRows">Rows of a window, at least 1. With 1, each row is taken by itself, as it is, whatever its time.</param>
/// <param name="HopRows">Rows from one window to the next, at least 1.</param>
public sealed record Preparation(ImmutableArray<Field> Channels, int WindowRows, int HopRows)
{
    private const string Prepared = "prepared";
    private const string Rate = "rows-per-second";
    private const string Length = "window-rows";
    private const string Hop = "hop-rows";
    private const string Filled = "filled-rows";
    private const string Columns = "columns";
    private const string KernelsOf = "rocket";
    private const int MaxWindowRows = 1 << 16;
    private const int UsualFilledRows = 5;

    /// <summary>What the model takes: features of windows, or the samples themselves (<see cref="ModelKind.Conv"/>, the default,
    /// and <see cref="ModelKind.Lags"/>).</summary>
    public ModelKind Kind { get; init; }

    /// <summary>The convolutions of <see cref="ModelKind.Rocket"/>, for its channels and rows of a window; null, the default: it takes
    /// none.</summary>
    public RocketKernels? Rocket { get; init; }

    /// <summary>Rows a second; null, the default: not known, and a window may span any time.</summary>
    public double? RowsPerSecond { get; init; }

    /// <summary>Rows in a row with missing values that are filled in by linear interpolation; 0, the default: rows that lack a value are
    /// left out.</summary>
    public int FilledRows { get; init; }

    /// <summary>Largest share by which the time of a window may differ from that of its rows at their rate; default 0.1. Rows that are
    /// stamped when they come need more; infinite: rows that are even by construction, which are not looked at.</summary>
    public double SpanTolerance { get; init; } = 0.1;

    /// <summary>The longest step between rows that a window may span; null, the default: 3.5 times the usual one. Rows that are stamped
    /// when they come need more. It is not in the card.</summary>
    public TimeSpan? Gap { get; init; }

    /// <summary>The shape of a row of the model.</summary>
    public Shape Input => Kind switch
    {
        ModelKind.Conv or ModelKind.Lags => new(Channels.Length, WindowRows),
        ModelKind.Rocket => new(Kernels.Features),
        _ when WindowRows == 1 => new(Channels.Length),
        _ => new(new WindowFront(this).Columns),
    };

    /// <summary>The features of a window, for those who compute them elsewhere; null: the model takes no such features.</summary>
    /// <exception cref="ArgumentException">The rate is not known.</exception>
    public FeaturePlan? Plan => WindowRows > 1 && Kind != ModelKind.Rocket && !TakesRows(Kind) ? new WindowFront(this).Plan : null;

    /// <summary>What of it an ONNX file computes before the network; null: each row is taken by itself, as it is.</summary>
    /// <exception cref="ArgumentException">The rate is not known, and features are of one.</exception>
    public OnnxWindow? OnnxWindow => WindowRows == 1 ? null : new(WindowRows, Channels.Length)
    {
        Features = Plan is { } plan ? OnnxWindows.Of(plan, WindowRows) : null,
        Convolutions = Rocket is { } kernels ? OnnxWindows.Of(kernels) : null,
    };

    /// <summary>Rows of one device as windows are cut of them: missing values are filled in or left out, and a column <c>segment</c>
    /// numbers the parts between gaps.</summary>
    /// <param name="rows">Rows with a time and the channels, whose values may be missing.</param>
    /// <param name="gap">Called with each gap between two parts, before the rows after it go on; null: nobody asks.</param>
    public Flow<Batch> Rows(Flow<Batch> rows, Action<RowGap>? gap = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.FillRows(this, gap);
    }

    /// <summary>Windows of rows as the model takes them.</summary>
    /// <param name="rows">Rows with a time.</param>
    /// <param name="segment">The column at whose changes windows begin; null: there is none.</param>
    /// <param name="dropped">Looks at each window that is dropped; null: nobody does.</param>
    public Flow<Batch> Windows(Flow<Batch> rows, string? segment = null, Action<Batch>? dropped = null) =>
        Features(Cut(rows, segment, dropped));

    /// <summary>Windows of rows. Those that span another time than their rows take are dropped as <c>window-time</c>, if the rate is
    /// known.</summary>
    /// <param name="rows">Rows with a time.</param>
    /// <param name="segment">The column at whose changes windows begin; null: there is none.</param>
    /// <param name="dropped">Looks at each window that is dropped; null: nobody does.</param>
    public Flow<Batch> Cut(Flow<Batch> rows, string? segment = null, Action<Batch>? dropped = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var windows = rows.Window(WindowRows, HopRows, new() { Segment = segment });
        return WindowRows == 1 || RowsPerSecond is null || double.IsPositiveInfinity(SpanTolerance)
            ? windows : windows.InTime(this, dropped);
    }

    /// <summary>What the model takes of windows.</summary>
    /// <param name="windows">The windows.</param>
    public Flow<Batch> Features(Flow<Batch> windows) => Kind switch
    {
        ModelKind.Conv or ModelKind.Lags => windows,
        ModelKind.Rocket => windows.Rocket(Kernels),
        _ when WindowRows == 1 => windows,
        _ => new WindowFront(this).Of(windows),
    };

    private RocketKernels Kernels => Rocket is { } kernels && (kernels.Channels, kernels.Rows) == (Channels.Length, WindowRows) ? kernels
        : throw new InvalidOperationException(FormattableString.Invariant(
            $"expected kernels for {Channels.Length} channels and {WindowRows} rows, got {Rocket?.ToString() ?? "none"}"));

    /// <summary>Seconds from the first row of a window to its last; null: the rate is not known.</summary>
    internal double? Span => (WindowRows - 1) / RowsPerSecond;

    /// <summary>True if a window spans the time that its rows take at their rate.</summary>
    /// <param name="seconds">From its first row to its last.</param>
    public bool IsInTime(double seconds) => Span is not { } due || Math.Abs(seconds - due) <= SpanTolerance * due;

    /// <summary>A card with what it holds, beside what the card has.</summary>
    /// <param name="card">The card.</param>
    public ModelCard On(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        var said = card.Provenance
            .SetItem(Prepared, Word(Kind))
            .SetItem(Length, WindowRows.ToString(CultureInfo.InvariantCulture))
            .SetItem(Hop, HopRows.ToString(CultureInfo.InvariantCulture))
            .SetItem(Filled, FilledRows.ToString(CultureInfo.InvariantCulture))
            .SetItem(Columns, string.Join('\n', Channels.Select(static f => $"{f.Name}\t{f.Unit.Symbol}")));
        if (Rocket is { } kernels) { said = said.SetItem(KernelsOf, kernels.ToText()); }
        return card with
        {
            Provenance = RowsPerSecond is { } rate ? said.SetItem(Rate, rate.ToString("R", CultureInfo.InvariantCulture)) : said,
        };
    }

    /// <summary>Reads what a card says; null: it says nothing of windows.</summary>
    /// <param name="card">The card.</param>
    public static Preparation? Of(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        var said = card.Provenance;
        if (KindOf(said.GetValueOrDefault(Prepared)) is not { } kind || !said.TryGetValue(Columns, out var columns)
            || Whole(said, Length, 0) is not (>= 1 and <= MaxWindowRows and var rows) || columns.Length == 0)
        {
            return null;
        }

        double? rate = null;
        if (said.TryGetValue(Rate, out var text))
        {
            if (!double.TryParse(text, CultureInfo.InvariantCulture, out var read) || !(read > 0 && double.IsFinite(read))) { return null; }
            rate = read;
        }

        ImmutableArray<Field> channels = [.. columns.Split('\n').Select(FieldOf)];
        var kernels = kind == ModelKind.Rocket ? RocketKernels.Parse(said.GetValueOrDefault(KernelsOf)) : null;
        if (kind == ModelKind.Rocket && (kernels?.Channels, kernels?.Rows) != (channels.Length, rows)) { return null; }
        return new(channels, rows, Math.Max(1, Whole(said, Hop, rows / 2)))
        {
            Kind = kind,
            Rocket = kernels,
            RowsPerSecond = rate,
            FilledRows = Math.Clamp(Whole(said, Filled, UsualFilledRows), 0, rows),
        };
    }

    /// <summary>True if a model takes the rows of a window as they are, not what is computed of them.</summary>
    /// <param name="kind">What the model is.</param>
    public static bool TakesRows(ModelKind kind) => kind is ModelKind.Conv or ModelKind.Lags;

    /// <summary>The word of a kind, in files.</summary>
    /// <param name="kind">The kind.</param>
    public static string Word(ModelKind kind) => kind switch
    {
        ModelKind.Features => "features",
        ModelKind.Linear => "linear",
        ModelKind.Auto => "auto",
        ModelKind.Rocket => "rocket",
        ModelKind.Lags => "lags",
        _ => "conv",
    };

    /// <inheritdoc />
    public bool Equals(Preparation? other) => other is not null && Channels.AsSpan().SequenceEqual(other.Channels.AsSpan())
        && (WindowRows, HopRows, Kind, RowsPerSecond, FilledRows, SpanTolerance, Gap)
            == (other.WindowRows, other.HopRows, other.Kind, other.RowsPerSecond, other.FilledRows, other.SpanTolerance, other.Gap)
        && Rocket == other.Rocket;

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Channels.Length, WindowRows, HopRows, Kind, RowsPerSecond, FilledRows);

    /// <inheritdoc />
    public override string ToString() => FormattableString.Invariant($"{Word(Kind)} of {WindowRows} rows, hop {HopRows}")
        + (RowsPerSecond is { } rate ? FormattableString.Invariant($", {rate:0.###} rows a second") : "");

    private static ModelKind? KindOf(string? word) => word switch
    {
        "conv" => ModelKind.Conv,
        "features" => ModelKind.Features,
        "linear" => ModelKind.Linear,
        "rocket" => ModelKind.Rocket,
        "lags" => ModelKind.Lags,
        _ => null,
    };

    private static Field FieldOf(string line)
    {
        var at = line.IndexOf('\t', StringComparison.Ordinal);
        return at < 0 ? Field.Channel(line, Unit.One) : Field.Channel(line[..at], new(line[(at + 1)..]));
    }

    private static int Whole(ImmutableSortedDictionary<string, string> said, string key, int otherwise) =>
        int.TryParse(said.GetValueOrDefault(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
