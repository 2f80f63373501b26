using StreamLearn.Tables;

namespace Sensor;

internal static class PayloadReading
{
    private const string InTexts = "numbers_in_texts";

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

    internal static char DelimiterOf(ConfigMap map, string meaning) => map["delimiter", meaning].Word(DelimiterWords.All).Or(',');

    internal static bool HasDecimalComma(ConfigMap map, string meaning, char delimiter)
    {
        var isComma = map["decimal", meaning].Word(("point", false), ("comma", true)).Or(false);
        if (isComma && delimiter == ',') { map["decimal"].Refuse("expected another delimiter than comma with decimal commas"); }
        return isComma && delimiter != ',';
    }

    private static PayloadForm.Json Json(ConfigMap map) =>
        new(map[InTexts, "`json`: numbers as texts, such as `\"0.5\"`"].Boolean().Or(false));

    private static PayloadForm.Csv Csv(ConfigMap map, bool header, string meaning)
    {
        map.RefuseGiven([InTexts], static _ => "expected format: json with it");
        var delimiter = DelimiterOf(map, "between values of `csv`");
        var hasComma = HasDecimalComma(map, "decimals of `csv`", delimiter);
        return new(new()
        {
            Header = map["header", meaning].Boolean().Or(header),
            Delimiter = delimiter,
            DecimalComma = hasComma,
        });
    }

    private static PayloadForm WithoutCsv(ConfigMap map, PayloadForm form)
    {
        if (form is not PayloadForm.Json) { map.RefuseGiven([InTexts], static _ => "expected format: json with it"); }
        map.RefuseGiven(["header", "delimiter", "decimal"], static _ => "expected format: csv with it");
        return form;
    }
}
