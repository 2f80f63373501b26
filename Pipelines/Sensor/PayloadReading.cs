using StreamLearn.Tables;

namespace Sensor;

internal static class PayloadReading
{
    private const string InTexts = "numbers_in_texts";

    private static readonly (string Name, RawNumber Number)[] Numbers =
    [
        ("float32", RawNumber.Float32), ("float64", RawNumber.Float64), ("int16", RawNumber.Int16), ("int32", RawNumber.Int32),
    ];

    /// <summary>CSV by default. <paramref name="header"/>: the default of its header.</summary>
    internal static PayloadForm OfLines(ConfigMap map, bool header) => map["format"].Word("csv", "json").Or("csv") == "json"
        ? WithoutCsv(map, Json(map)) : Csv(map, header);

    internal static PayloadForm OfMessages(ConfigMap map)
    {
        var format = map["format"].Word("json", "csv", "arrow", "raw").Or("json");
        var number = map["type"].Word([.. Numbers]).OrNull();
        if (number is not null && format != "raw") { map["type"].Refuse("expected format: raw with it"); }
        return format switch
        {
            "csv" => Csv(map, header: false),
            "arrow" => WithoutCsv(map, new PayloadForm.Arrow()),
            "raw" => WithoutCsv(map, new PayloadForm.Raw(number ?? RawNumber.Float32)),
            _ => WithoutCsv(map, Json(map)),
        };
    }

    private static PayloadForm.Json Json(ConfigMap map) => new(map[InTexts].Boolean().Or(false));

    private static PayloadForm.Csv Csv(ConfigMap map, bool header)
    {
        if (!map[InTexts].IsAbsent) { map[InTexts].Refuse("expected format: json with it"); }
        var delimiter = map["delimiter"].Word(DelimiterWords.All).Or(',');
        var isComma = map["decimal"].Word(("point", false), ("comma", true)).Or(false);
        if (isComma && delimiter == ',') { map["decimal"].Refuse("expected another delimiter than comma with decimal commas"); }
        return new(new()
        {
            Header = map["header"].Boolean().Or(header),
            Delimiter = delimiter,
            DecimalComma = isComma && delimiter != ',',
        });
    }

    private static PayloadForm WithoutCsv(ConfigMap map, PayloadForm form)
    {
        if (form is not PayloadForm.Json && !map[InTexts].IsAbsent) { map[InTexts].Refuse("expected format: json with it"); }
        foreach (var key in new[] { "header", "delimiter", "decimal" })
        {
            if (!map[key].IsAbsent) { map[key].Refuse("expected format: csv with it"); }
        }

        return form;
    }
}
