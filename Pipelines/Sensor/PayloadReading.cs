using StreamLearn.Tables;

namespace Sensor;

internal static class PayloadReading
{
    private const string InTexts = "numbers_in_texts";
    private static readonly string[] OfCsv = ["header", "columns", "delimiter", "decimal", "encoding", "comment", "missing"];

    private static readonly (string Name, RawNumber Number)[] Numbers =
    [
        ("float32", RawNumber.Float32), ("float64", RawNumber.Float64), ("int16", RawNumber.Int16), ("int32", RawNumber.Int32),
    ];

    /// <summary>Reads the form, by default CSV. <paramref name="header"/>: whether files have a header by default.</summary>
    internal static PayloadForm OfLines(ConfigMap map, bool header) => map.Case<PayloadForm>(
        map["format", "CSV, or a JSON object a line"].Word("csv", "json").Or("csv"),
        ("csv", map => Csv(map, header, header ? "`csv`: names in the first line; `false`: order of `columns`"
            : "`false` skips the first line, which may be cut")),
        ("json", static map => WithoutCsv(map, Json(map))));

    internal static PayloadForm OfMessages(ConfigMap map)
    {
        var format = map["format", "form of a message"].Word("json", "csv", "arrow", "raw").Or("json");
        var type = map["type", "`raw`: number type"].Word([.. Numbers]);
        var number = type.Or(RawNumber.Float32, isShown: false);
        if (type.IsRight && format != "raw") { map["type"].Refuse("expected format: raw with it"); }
        return map.Case<PayloadForm>(format,
            ("json", static map => WithoutCsv(map, Json(map))),
            ("csv", static map => Csv(map, header: false, "`csv`: names in each message's first line; `false`: order of `columns`")),
            ("arrow", static map => WithoutCsv(map, new PayloadForm.Arrow())),
            ("raw", map => WithoutCsv(map, new PayloadForm.Raw(number))));
    }

    /// <summary>Reads what rows of files and live rows share. <paramref name="of"/>: names the format in the meanings.</summary>
    internal static CsvOptions TextOf(ConfigMap map, string of)
    {
        var delimiter = map["delimiter", $"between values{of}"].Word(DelimiterWords.All).Or(',');
        var encoding = map["encoding", $"{(of.Length == 0 ? "" : $"text{of}, ")}or by byte order mark"].As(fallback: "utf-8")
            .Word([.. EncodingWords.All]).OrNull();
        var comment = map["comment", $"begins lines{of} to skip"].As("character").Text().OrNull();
        if (comment is { Length: not 1 }) { map["comment"].Refuse($"expected a character, got '{comment}'"); }
        var missing = map["missing", $"further missing values{of}; -200 matches -200.0"].Texts(1, 100).OrNull() ?? [];
        var hasComma = map["decimal", $"decimals{of}; `comma` needs another delimiter"].Word(("point", false), ("comma", true)).Or(false);
        if (hasComma && delimiter == ',') { map["decimal"].Refuse("expected another delimiter than comma with decimal commas"); }
        return new()
        {
            Delimiter = delimiter,
            DecimalComma = hasComma && delimiter != ',',
            Encoding = encoding,
            Comment = comment is [var character] ? character : null,
            Missing = missing.IsEmpty ? CsvOptions.DefaultMissing : [.. CsvOptions.DefaultMissing, .. missing],
        };
    }

    private static PayloadForm.Json Json(ConfigMap map) =>
        new(map[InTexts, "`json`: numbers as texts, such as `\"0.5\"`"].Boolean().Or(false));

    private static PayloadForm.Csv Csv(ConfigMap map, bool header, string meaning)
    {
        map.RefuseGiven([InTexts], static _ => "expected format: json with it");
        var form = TextOf(map, " of `csv`");
        var names = map["columns", "`csv` without a header: names of a row's values, if not those of `columns` in order"]
            .As(fallback: "those of `columns`").Texts(1, 1000).OrNull() ?? [];
        var hasHeader = map["header", meaning].Boolean().Or(header && names.IsEmpty);
        if (hasHeader && !names.IsEmpty) { map["columns"].Refuse("expected header: false with it"); }
        return new(form with { Header = hasHeader, Names = hasHeader ? [] : names });
    }

    private static PayloadForm WithoutCsv(ConfigMap map, PayloadForm form)
    {
        if (form is not PayloadForm.Json) { map.RefuseGiven([InTexts], static _ => "expected format: json with it"); }
        map.RefuseGiven(OfCsv, static _ => "expected format: csv with it");
        return form;
    }
}
