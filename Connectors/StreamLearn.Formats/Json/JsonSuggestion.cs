using System.Globalization;
using System.Text.Json;

namespace StreamLearn.Formats;

/// <summary>A suggested path map for payloads: a first draft to review.</summary>
/// <remarks> The array with the most values defines the rows, with arrays of the same length; an array whose places differ in all payloads,
/// as those of several quantities do, gives a column for each place; single values repeat in every row. Numbers
/// become float32, integers beyond 2^24 int64, booleans int32; values null or absent in some rows can be missing. If no value is a number,
/// numeric strings become float32 (<see cref="JsonFormatOptions.NumbersInTexts"/>). A number in nine of ten payloads stays float32
/// (<see cref="OtherTypes"/>); the map refuses the other payloads. A number is the time if its key suggests it (<c>ts</c>, <c>time</c>,
/// <c>timestamp</c>, …), every row has it, and it is a date after 1973 in a supported unit. A date as a string is a time too. </remarks>
/// <param name="Options">The path map.</param>
/// <param name="LeftOut">Skipped paths with reasons, such as <c>a text</c>, and whether all their values are strings.</param>
public sealed record JsonSuggestion(JsonFormatOptions Options, IReadOnlyList<(string Path, string Reason, bool IsText)> LeftOut)
{
    private const double WholeFloats = 1 << 24;
    private const int MaxName = 60;

    private static readonly string[] TimeKeys = ["time", "ts", "t", "timestamp", "datetime", "date", "at"];

    /// <summary>For each column, the number of payloads with a value of another type, if there are any.</summary>
    public IReadOnlyDictionary<string, int> OtherTypes { get; init; } = new Dictionary<string, int>();

    /// <summary>Suggests a path map for a payload.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="suggestion">The map, if the payload has a number.</param>
    /// <param name="refusal">Why there is no map: invalid JSON, or no number.</param>
    public static bool TryMake(ReadOnlyMemory<byte> payload, out JsonSuggestion? suggestion, out Refusal refusal) =>
        TryMake([payload], out suggestion, out refusal);

    /// <summary>Suggests a path map for payloads of one kind; skips payloads that are not JSON.</summary>
    /// <param name="payloads">The payloads.</param>
    /// <param name="suggestion">The map, if the payloads have a number.</param>
    /// <param name="refusal">Why there is no map: invalid JSON in the first payload, or no number.</param>
    public static bool TryMake(IEnumerable<ReadOnlyMemory<byte>> payloads, out JsonSuggestion? suggestion, out Refusal refusal)
    {
        ArgumentNullException.ThrowIfNull(payloads);
        List<ReadOnlyMemory<byte>> all = [.. payloads];
        var survey = Survey(all, new HashSet<string>(), out var bad);
        if (survey.Differing is { Count: > 0 } places) { survey = Survey(all, places, out _); }
        suggestion = Choose(survey);
        refusal = suggestion is not null ? default : bad ?? new(RefusalReason.MissingPath, 0, null);
        return suggestion is not null;
    }

    private static JsonSurvey Survey(List<ReadOnlyMemory<byte>> payloads, HashSet<string> columns, out Refusal? bad)
    {
        var survey = new JsonSurvey(columns);
        bad = null;
        foreach (var payload in payloads)
        {
            try
            {
                using var document = JsonDocument.Parse(payload);
                survey.Add(document.RootElement);
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)      // the latter: a string that is not Unicode
            {
                bad ??= new(RefusalReason.BadJson, (e as JsonException)?.BytePositionInLine ?? 0, null);
            }
        }

        return survey;
    }

    /// <summary>Returns one line per column with name, type and path, then the skipped paths.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        if (Options.Time is { } time) { text.Append($"{Field.Time()} <- {time.Path}, {time.Unit.ToString().ToLowerInvariant()}\n"); }
        foreach (var column in Options.Columns) { text.Append($"{column.Field} <- {column.Path}\n"); }
        foreach (var other in LeftOut) { text.Append($"left out: {other.Path}, {other.Reason}\n"); }
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
                .. survey.Paths.Where(p => !read.Contains(p.Path))
                    .Select(p => (p.Path, WhyNot(survey, p, fits.Contains(p)), p is { IsText: true, IsTime: false, IsEmpty: false })),
                .. survey.LeftOut.Where(p => !read.Contains(p))
                    .Select(static p => (p, "beyond the limit of 256 keys, or an array of arrays", false)),
            ])
        {
            OtherTypes = fits.Where(IsMostlyChannel).ToDictionary(static p => p.Path, static p => p.Others),
        };
    }

    /// <summary>Returns true if most values are numbers that are neither times nor too large for a channel.</summary>
    private static bool IsMostlyChannel(SurveyedPath path) => path.IsMostlyNumber && !IsLarge(path) && UnitOf(path) is null;

    private static bool IsLarge(SurveyedPath path) => path.IsWhole && Math.Max(-path.Least, path.Most) > WholeFloats;

    /// <summary>The same items, enclosing items, or the same number.</summary>
    private static bool Fits(JsonSurvey survey, string group, string rows) =>
        rows.StartsWith(group, StringComparison.Ordinal)
        || (Stars(group) == 1 && Stars(rows) == 1 && survey.Rows(group) == survey.Rows(rows));

    private static bool IsMissing(JsonSurvey survey, SurveyedPath path) => path.Values < survey.Rows(path.Group);

    private static string WhyNot(JsonSurvey survey, SurveyedPath path, bool fits) => path switch
    {
        { IsEmpty: true } => "always null",
        { IsNumber: false, IsTruth: false, IsTime: false } when !IsMostlyChannel(path) =>
            path.IsText ? "a string" : "values of different types",
        _ when !fits => "an array of another length",
        _ when IsMissing(survey, path) => string.Create(CultureInfo.InvariantCulture,
            $"a time that is missing in {survey.Rows(path.Group) - path.Values} of {survey.Rows(path.Group)} rows"),
        _ => "a second time",
    };

    private static int Stars(string path) => path.Split("[*]").Length - 1;

    private static TimeUnit? TimeOf(SurveyedPath path) =>
        path.IsTime ? TimeUnit.Iso8601 : path.IsNumber ? UnitOf(path) : null;

    /// <summary>Returns the unit of numbers that are times by their key and size; null if they are not.</summary>
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
