using StreamLearn.Onnx;
using StreamLearn.Operators;

namespace StreamLearn.Tables;

/// <summary>How rows are prepared for a model, in training as in answering. It is stored in the model's card
/// (<see cref="ModelCard.Provenance"/>).</summary>
/// <param name="Channels">Names and units of the channels, in model order.</param>
/// <param name="WindowRows">Rows per window, at least 1. With 1, each row is used unchanged, whatever its time.</param>
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
    private const string CalendarOf = "calendar";
    private const int MaxWindowRows = 1 << 16;
    private const double MaxRate = 1e9;
    private const int UsualFilledRows = 5;

    /// <summary>The model's input: window features, or samples (<see cref="ModelKind.Conv"/>, the default, and
    /// <see cref="ModelKind.Lags"/>).</summary>
    public ModelKind Kind { get; init; }

    /// <summary>The convolutions of <see cref="ModelKind.Rocket"/>, for its channels and window rows; default null: none.</summary>
    public RocketKernels? Rocket { get; init; }

    /// <summary>Rows per second; default null: unknown, and a window may have any duration.</summary>
    public double? RowsPerSecond { get; init; }

    /// <summary>Maximum consecutive rows with missing values to interpolate linearly; default 0: such rows are dropped.</summary>
    public int FilledRows { get; init; }

    /// <summary>Maximum relative deviation of a window's duration from its rows at their rate; default 0.1. Rows with arrival times need
    /// more; infinite: not checked.</summary>
    public double SpanTolerance { get; init; } = 0.1;

    /// <summary>Maximum step between rows of a window; default null: 3.5 usual steps. Rows with arrival times need more. Not stored in the
    /// card.</summary>
    public TimeSpan? Gap { get; init; }

    /// <summary>Hours and days as inputs of <see cref="ModelKind.Lags"/>; null: none.</summary>
    internal CalendarInputs? Calendar { get; init; }

    /// <summary>The shape of a model row.</summary>
    public Shape Input => Kind switch
    {
        ModelKind.Lags when Calendar is { } calendar => new(Channels.Length + calendar.Channels(WindowRows), WindowRows),
        ModelKind.Conv or ModelKind.Lags => new(Channels.Length, WindowRows),
        ModelKind.Rocket => new(Kernels.Features),
        _ when WindowRows == 1 => new(Channels.Length),
        _ => new(new WindowFront(this).Columns),
    };

    /// <summary>The window features, for computing them elsewhere; null if the model uses none.</summary>
    /// <exception cref="ArgumentException">The rate is unknown.</exception>
    public FeaturePlan? Plan => WindowRows > 1 && Kind != ModelKind.Rocket && !TakesRows(Kind) ? new WindowFront(this).Plan : null;

    /// <summary>The part that an ONNX file computes before the network; null for single, unchanged rows.</summary>
    /// <exception cref="ArgumentException">The features need a rate, which is unknown.</exception>
    /// <exception cref="NotSupportedException">The hour of a row's time is an input.</exception>
    public OnnxWindow? OnnxWindow => WindowRows == 1 ? null : Calendar is not null ? throw new NotSupportedException(
        "ONNX: hours and days are inputs of this forecast, and a window in ONNX has no time: use the .safetensors file")
        : new(WindowRows, Channels.Length)
        {
            Features = Plan is { } plan ? OnnxWindows.Of(plan, WindowRows) : null,
            Convolutions = Rocket is { } kernels ? OnnxWindows.Of(kernels) : null,
        };

    /// <summary>Fills or drops missing values of one device's rows, and numbers the parts between gaps in a column
    /// <c>segment</c>.</summary>
    /// <param name="rows">Rows with a time and the channels; values may be missing.</param>
    public Flow<Batch> Rows(Flow<Batch> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.FillRows(this, gap: null);
    }

    /// <summary>Converts rows to windows in the model's form.</summary>
    /// <param name="rows">Rows with a time.</param>
    /// <param name="segment">The column whose changes begin a window; null: none.</param>
    public Flow<Batch> Windows(Flow<Batch> rows, string? segment = null) => Features(Cut(rows, segment));

    /// <summary>Cuts windows. If the rate is known, windows whose time does not match it are dropped as <c>window-time</c>.</summary>
    /// <param name="rows">Rows with a time.</param>
    /// <param name="segment">The column whose changes begin a window; null: none.</param>
    public Flow<Batch> Cut(Flow<Batch> rows, string? segment = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Window(WindowRows, HopRows, new() { Segment = segment }).InTime(this);
    }

    /// <summary>Fills one device's rows, resamples them to the model's rate if they have another one, and cuts windows.</summary>
    internal Flow<Batch> CutPaced(
        Flow<Batch> rows, Action<RowGap>? gap = null, Action<int, double>? resampled = null, string? part = null) =>
        (this with { SpanTolerance = double.PositiveInfinity }).Cut(        // its rows have the rate
            rows.FillRows(this, gap, resampled, part), CheckQualityOptions.SegmentColumn);

    /// <summary>Converts windows to model input.</summary>
    public Flow<Batch> Features(Flow<Batch> windows) => Kind switch
    {
        ModelKind.Lags when Calendar is { } calendar => windows.Calendar(calendar, WindowRows),
        ModelKind.Conv or ModelKind.Lags => windows,
        ModelKind.Rocket => windows.Rocket(Kernels),
        _ when WindowRows == 1 => windows,
        _ => new WindowFront(this).Of(windows),
    };

    private RocketKernels Kernels => Rocket is { } kernels && (kernels.Channels, kernels.Rows) == (Channels.Length, WindowRows) ? kernels
        : throw new InvalidOperationException(FormattableString.Invariant(
            $"expected kernels for {Channels.Length} channels and {WindowRows} rows, got {Rocket?.ToString() ?? "none"}"));

    internal Preparation WithTimesOf(FileColumn? time) => Calendar is null ? this
        : this with { Calendar = Calendar with { AreWritten = time?.TimeUnit == TimeUnit.Iso8601 } };

    /// <summary>The same for all kinds with the same input.</summary>
    internal Preparation AsInput => this with
    {
        Kind = Kind == ModelKind.Linear ? ModelKind.Features : Kind == ModelKind.Lags && Calendar is null ? ModelKind.Conv : Kind,
    };

    /// <summary>Seconds from a window's first to its last row; null: unknown rate.</summary>
    internal double? Span => (WindowRows - 1) / RowsPerSecond;

    /// <summary>Returns true if a window's time matches its rows at their rate.</summary>
    /// <param name="seconds">The time from its first row to its last.</param>
    public bool IsInTime(double seconds) => Span is not { } due || Math.Abs(seconds - due) <= SpanTolerance * due;

    /// <summary>Adds the preparation to a card.</summary>
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
        if (Calendar is { } calendar) { said = said.SetItem(CalendarOf, calendar.Text); }
        return card with
        {
            Provenance = RowsPerSecond is { } rate ? said.SetItem(Rate, rate.ToString("R", CultureInfo.InvariantCulture)) : said,
        };
    }

    /// <summary>Reads a card; null: it has no preparation.</summary>
    /// <exception cref="ModelFormatException">A key is not as <see cref="On"/> writes it; the message names it.</exception>
    public static Preparation? Of(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        var said = card.Provenance;
        if (!said.TryGetValue(Prepared, out var word)) { return null; }
        var kind = KindOf(word) ?? throw CardKeys.Refused(Prepared, "linear, features, conv, rocket or lags", word);
        var rows = CardKeys.Whole(card, Length, 1, MaxWindowRows) ?? throw CardKeys.Refused(Length, "rows", null);
        ImmutableArray<Field> channels = said.GetValueOrDefault(Columns) is { Length: > 0 } columns
            ? [.. columns.Split('\n').Select(FieldOf)] : throw CardKeys.Refused(Columns, "names and units of channels", null);
        var kernels = kind == ModelKind.Rocket ? RocketKernels.Parse(said.GetValueOrDefault(KernelsOf)) : null;
        if (kind == ModelKind.Rocket && (kernels?.Channels, kernels?.Rows) != (channels.Length, rows))
        {
            throw CardKeys.Refused(KernelsOf, "kernels for these channels and rows", kernels?.ToString());
        }

        var calendar = said.TryGetValue(CalendarOf, out var hours)
            ? CalendarInputs.Parse(hours) ?? throw CardKeys.Refused(CalendarOf, "day or week and seconds", hours) : null;
        return new(channels, rows, CardKeys.Whole(card, Hop, 1, MaxWindowRows) ?? Math.Max(1, rows / 2))
        {
            Kind = kind,
            Calendar = calendar,
            Rocket = kernels,
            RowsPerSecond = CardKeys.Number(card, Rate, MaxRate),
            FilledRows = Math.Min(CardKeys.Whole(card, Filled, 0, MaxWindowRows) ?? UsualFilledRows, rows),
        };
    }

    /// <summary>Returns true if a model uses a window's rows unchanged.</summary>
    /// <param name="kind">The kind of model.</param>
    public static bool TakesRows(ModelKind kind) => kind is ModelKind.Conv or ModelKind.Lags;

    /// <summary>Returns the name of a kind in files.</summary>
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
        && (Rocket, Calendar) == (other.Rocket, other.Calendar);

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
}
