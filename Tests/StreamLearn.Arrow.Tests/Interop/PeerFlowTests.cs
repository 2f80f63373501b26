using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamLearn.Arrow.Tests;

/// <summary>Columns of another implementation as rows of a pipeline.</summary>
public sealed class PeerFlowTests
{
    private static readonly string[] Numbers = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "float16",
        "float32", "float64",
        "date32", "date64", "time32 s", "time32 ms", "time64 us", "time64 ns", "timestamp ns UTC", "duration s", "duration ms",
        "duration us", "duration ns", "never missing"];

    [Theory, InlineData("types.arrow"), InlineData("types.arrows"), InlineData("types@legacy.arrows"), InlineData("slices.arrows")]
    [InlineData("sliced-table.arrow"), InlineData("lz4.arrows")]
    public void Rows_of_another_implementation_are_played(string name)
    {
        var options = new ArrowRowsOptions
        {
            BatchRows = 4,
            Batches = new() { Columns = [.. Numbers, "timestamp s", "timestamp us zone"], Time = "timestamp ns UTC" },
        };
        using var probe = new SourceProbe<Batch>(p => p.FromArrow(Golden.Of(name), options.Batches, options.BatchRows));
        var rows = new List<string>();
        while (probe.NextAt is not null)
        {
            using var batch = probe.Next();
            Assert.InRange(batch.Rows, 1, 4);
            for (var row = 0; row < batch.Rows; row++) { rows.Add(Row(batch, row)); }
        }
        Assert.Equal(Expected(Golden.Expected(name), options.Batches.Columns), rows);
    }

    [Fact]
    public void A_message_of_another_implementation_becomes_a_batch()
    {
        var bytes = new ReadOnlySequence<byte>(File.ReadAllBytes(Golden.Of("guessed.arrows")));
        Assert.True(ArrowCodec.Batches.TryDecode(bytes, new BatchPool(), out var batch, out var refusal), refusal);
        using (batch)
        {
            Assert.Equal(["0.1 1 1 1 0 1 1.5", "0.2 2 -2 2 1 - -", "0.3 3 3 255 0 0 2"],
                Enumerable.Range(0, batch.Rows).Select(row => Row(batch, row)));
        }
    }

    private static IEnumerable<string> Expected(JsonNode golden, IEnumerable<string> names)
    {
        var fields = golden["schema"]!["fields"]!.AsArray().Select(f => f!["name"]!.GetValue<string>()).ToList();
        foreach (var batch in golden["batches"]!.AsArray())
        {
            for (var row = 0; row < batch!["rows"]!.GetValue<int>(); row++)
            {
                yield return string.Join(' ', names.Select(n => Value(n, batch["columns"]![fields.IndexOf(n)]![row])));
            }
        }
    }

    private static string Value(string name, JsonNode? value) => value is null ? "-" : value.GetValueKind() switch
    {
        JsonValueKind.True => "1",
        JsonValueKind.False => "0",
        JsonValueKind.Number => Text(double.Parse(value.ToJsonString(), CultureInfo.InvariantCulture)),
        _ => value.GetValue<string>() + (name == "timestamp s" && value.GetValue<string>() != "0" ? "000000000"
            : name == "timestamp us zone" && value.GetValue<string>() != "0" ? "000" : ""),
    };

    private static string Row(Batch batch, int row)
    {
        var values = new List<string>();
        for (var c = 0; c < batch.Columns.Count; c++) { values.Add(Value(batch.Columns[c], row)); }
        return string.Join(' ', values);
    }

    private static string Text(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    private static string Value(Column column, int row) => !column.IsValid(row) ? "-" : column.Field.Type switch
    {
        ColumnType.Float32 => Text(column.Values<float>()[row]),
        ColumnType.Float64 => Text(column.Values<double>()[row]),
        ColumnType.Int32 => column.Values<int>()[row].ToString(CultureInfo.InvariantCulture),
        _ => column.Values<long>()[row].ToString(CultureInfo.InvariantCulture),
    };
}
