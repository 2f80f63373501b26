using System.Globalization;
using System.Text;
using System.Text.Json;

namespace StreamLearn.Formats;

/// <summary>A path map that fits payloads: what columns it would give. For people who look at a link; a first draft.</summary>
/// <remarks>
/// The array with the most values gives the rows, arrays of the same length go with it, and single values stand in every row.
/// Numbers become float32, whole numbers beyond 2^24 int64, true and false int32; what is null or absent in some rows may be missing.
/// Where no value is a number, texts that are numbers become float32 (<see cref="JsonFormatOptions.NumbersInTexts"/>).
/// What is a number in nine of ten payloads stays float32 (<see cref="OtherTypes"/>); the map refuses the other payloads.
/// A number becomes the time if its key says so (<c>ts</c>, <c>time</c>, <c>timestamp</c>, …), it is in every row, and it is a date after
/// 1973 in one of the units; so does a text that is a date.
/// </remarks>
/// <param name="Options">The path map.</param>
/// <param name="LeftOut">What it does not read, and why: texts, and arrays of another length.</param>
public sealed record JsonSuggestion(JsonFormatOptions Options, IReadOnlyList<JsonLeftOut> LeftOut)
{
    private const double WholeFloats = 1 << 24;
    private const int MaxName = 60;

    private static readonly string[] TimeKeys = ["time", "ts", "t", "timestamp", "datetime", "date", "at"];

    /// <summary>In how many payloads the value at the path of a column is of another type; without those where it never is.</summary>
    public IReadOnlyDictionary<string, int> OtherTypes { get; init; } = new Dictionary<string, int>();

    /// <summary>Suggests a path map for a payload.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="suggestion">The map, if there is a number in it.</param>
    /// <param name="refusal">Why there is none: bad JSON, or no number.</param>
    public static bool TryMake(ReadOnlyMemory<byte> payload, out JsonSuggestion? suggestion, out Refusal refusal) =>
        TryMake([payload], out suggestion, out refusal);

    /// <summary>Suggests a path map for payloads of one kind. Those that are not JSON are passed over.</summary>
    /// <param name="payloads">The payloads.</param>
    /// <param name="suggestion">The map, if there is a number in them.</param>
    /// <param name="refusal">Why there is none: bad JSON in the first payload, or no number.</param>
    public static bool TryMake(IEnumerable<ReadOnlyMemory<byte>> payloads, out JsonSuggestion? suggestion, out Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        var survey = new JsonSurvey();
        Refusal? bad = null;
        foreach (var payload in payloads)
        {
            try
            {
                using var document = JsonDocument.Parse(payload);
                survey.Add(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)      // the latter: a text that is no Unicode
            {
                bad ??= new(RefusalReason.BadJson, (e as JsonException)?.BytePositionInLine ?? 0, null);
            }
        }

        suggestion = Choose(survey);
        refusal = suggestion is not null ? default : bad ?? new(RefusalReason.MissingPath, 0, null);
        return suggestion is not null;
    }

    /// <summary>Says a line for each column: its name, type and path; then what is left out.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Options.Time is { } time) { text.Append($"{Field.Time()} <- {time.Path}, {time.Unit.ToString().ToLowerInvariant()}\n"); }
        foreach (var column in Options.Columns) { text.Append($"{column.Field} <- {column.Path}\n"); }
        foreach (var other in LeftOut) { text.Append($"left out: {other}\n"); }
        return text.ToString();
    }

    private static JsonSuggestion? Choose(JsonSurvey survey)
    {
        var usable = survey.Paths.Where(p => !p.IsEmpty && (p.IsNumber || p.IsTruth || p.IsTime || IsMostlyChannel(p))).ToList();
        var inTexts = usable.TrueForAll(static p => p.IsTime || p.IsTruth);
        if (inTexts) { usable.AddRange(survey.Paths.Where(static p => !p.IsEmpty && p.IsNumberText)); }
        if (usable.Count == 0) { return null; }
        var rows = usable.GroupBy(p => p.Group).MaxBy(g => g.Sum(p => p.Values))!.Key;
        var fits = usable.Where(p => Fits(survey, p.Group, rows)).ToList();
        var times = fits.Where(p => TimeOf(p) is not null).ToList();
        var time = times.Where(p => !IsMissing(survey, p)).MaxBy(p => p.Group.Length);
        var names = new HashSet<string>(StringComparer.Ordinal) { Schema.TimeColumn };
        List<JsonColumn> columns = [.. fits.Where(p => p != time && !p.IsTime && !(times.Contains(p) && IsMissing(survey, p)))
            .Select(p => new JsonColumn(FieldOf(survey, p, names), p.Path))];
        if (columns.Count == 0) { return null; }
        var read = columns.Select(c => c.Path).Append(time?.Path).ToHashSet();
        return new(
            new()
            {
                Columns = columns,
                Time = time is null ? null : new(time.Path, TimeOf(time)!.Value),
                NumbersInTexts = inTexts && columns.Exists(c => survey.Paths.Exists(p => p.Path == c.Path && p.IsNumberText)),
            },
            [
                .. survey.Paths.Where(p => !read.Contains(p.Path)).Select(p => new JsonLeftOut(p.Path, WhyNot(survey, p, fits.Contains(p)))
                {
                    IsText = p is { IsText: true, IsTime: false, IsEmpty: false },
                }),
                .. survey.LeftOut.Where(p => !read.Contains(p))
                    .Select(static p => new JsonLeftOut(p, "beyond the 256 keys that are looked at, or an array of arrays")),
            ])
        {
            OtherTypes = fits.Where(IsMostlyChannel).ToDictionary(static p => p.Path, static p => p.Others),
        };
    }

    /// <summary>True for numbers, a few of which are of another type, that are neither a time nor too large for a channel.</summary>
    private static bool IsMostlyChannel(SurveyedPath path) => path.IsMostlyNumber && !IsLarge(path) && UnitOf(path) is null;

    private static bool IsLarge(SurveyedPath path) => path.IsWhole && Math.Max(-path.Least, path.Most) > WholeFloats;

    /// <summary>True if values of a group go into rows of another: the same items, those around them, or as many.</summary>
    private static bool Fits(JsonSurvey survey, string group, string rows) =>
        rows.StartsWith(group, StringComparison.Ordinal)
        || (Stars(group) == 1 && Stars(rows) == 1 && survey.Rows(group) == survey.Rows(rows));

    /// <summary>True if the value is null or absent in some rows.</summary>
    private static bool IsMissing(JsonSurvey survey, SurveyedPath path) => path.Values < survey.Rows(path.Group);

    private static string WhyNot(JsonSurvey survey, SurveyedPath path, bool fits) => path switch
    {
        { IsEmpty: true } => "always null",
        { IsNumber: false, IsTruth: false, IsTime: false } when !IsMostlyChannel(path) =>
            path.IsText ? "a text" : "values of different types",
        _ when !fits => "an array of another length",
        _ when IsMissing(survey, path) => string.Create(CultureInfo.InvariantCulture,
            $"a time that is missing in {survey.Rows(path.Group) - path.Values} of {survey.Rows(path.Group)} rows"),
        _ => "a time beside the one that is used",
    };

    private static int Stars(string path) => path.Split("[*]").Length - 1;

    private static TimeUnit? TimeOf(SurveyedPath path) =>
        path.IsTime ? TimeUnit.Iso8601 : path.IsNumber ? UnitOf(path) : null;

    /// <summary>The unit of numbers that are times by their key and size; null: they are none.</summary>
    private static TimeUnit? UnitOf(SurveyedPath path)
    {
        var key = path.Path.Replace("[*]", "", StringComparison.Ordinal);
        key = key[(key.LastIndexOf('.') + 1)..];
        if (!TimeKeys.Contains(key, StringComparer.OrdinalIgnoreCase) || path.Least < 1e8) { return null; }
        return path.Most switch
        {
            < 1e11 => TimeUnit.Seconds,
            < 1e14 => TimeUnit.Milliseconds,
            < 1e17 => TimeUnit.Microseconds,
            < 9e18 => TimeUnit.Nanoseconds,
            _ => null,
        };
    }

    private static Field FieldOf(JsonSurvey survey, SurveyedPath path, HashSet<string> names)
    {
        var whole = path.IsNumber && IsLarge(path);
        var type = path.IsTruth ? ColumnType.Int32 : whole ? ColumnType.Int64 : ColumnType.Float32;
        var draft = path.Name.Length == 0 ? "value" : path.Name.TrimStart('_');
        draft = draft.Length > MaxName ? draft[^MaxName..] : draft.Length == 0 ? "value" : draft;
        var name = draft;
        for (var i = 2; !names.Add(name); i++) { name = $"{draft}_{i}"; }
        return new(name, type, Unit.One, IsMissing(survey, path));
    }
}
