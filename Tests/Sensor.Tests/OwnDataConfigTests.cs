namespace Sensor.Tests;

public sealed class OwnDataConfigTests
{
    private const string Rows = """
        streamlearn: 1
        fleet: plant
        link: { url: nats://edge-1 }
        source:
          csv: { files: a.csv, device: { name: pump-7 }, rate: 50/s }
        columns:
          t: { time: ms }
          ax: { unit: m/s2, range: [-80, 80], stuck: 5s }
          state: { label: [good, worn] }
        model: { channels: 1, samples: 128, classes: 2 }
        pipeline:
          - check:
          - window:
          - learn:
        """;

    [Fact]
    public void Columns_and_model_are_read()
    {
        var read = ConfigTree.Parse("f.yaml", Rows).Read(SensorConfig.Read).Value;

        var channel = Assert.Single(read.Columns.Channels);
        Assert.Equal(("ax", "m/s2", -80f, 80f), (channel.Name, channel.Unit.Symbol, channel.Check!.Min, channel.Check.Max));
        Assert.Equal(TimeSpan.FromSeconds(5), channel.Check.Stuck);
        Assert.Equal(["good", "worn"], read.Columns.Label!.Classes);
        Assert.Equal("model: { channels: 1, samples: 128, classes: 2, rate: 50/s, seed: 42 }", read.Model.ToString());
        var derived = Rows.Replace("model: { channels: 1, samples: 128, classes: 2 }", "", StringComparison.Ordinal);
        Assert.Equal(read.Model.ToText(), ConfigTree.Parse("f.yaml", derived).Read(SensorConfig.Read).Value.Model.ToText());
    }

    [Theory]
    [InlineData("unit: m/s2", "unit: m/s^2",
        "f.yaml:8:15: columns.ax.unit: expected a unit of SenML, or one of own_units, got 'm/s^2'; did you mean 'm/s2'?")]
    [InlineData("stuck: 5s", "stick: 5s", "f.yaml:8:39: columns.ax: unknown key 'stick'; did you mean 'stuck'?")]
    [InlineData("[-80, 80]", "[80, -80]", "columns.ax.range: expected the lower value first, got 80 to -80")]
    [InlineData("t: { time: ms }", "t: { time: minutes }", "f.yaml:7:14: columns.t.time: expected one of")]
    [InlineData("  state: { label: [good, worn] }", "",
        "f.yaml:7:3: columns: expected a column with label: [class, class] or target: [min, max]: without")]
    [InlineData("[good, worn]", "[good, good]", "expected each class once")]
    [InlineData("channels: 1", "channels: 2",
        "f.yaml:10:20: model.channels: expected 1, columns without a time, a label or a device, got 2")]
    [InlineData("samples: 128", "samples: 64", "f.yaml:10:32: model.samples: expected 128, the samples of a window, got 64")]
    [InlineData("classes: 2", "classes: 3", "f.yaml:10:46: model.classes: expected 2, the texts of the label, got 3")]
    [InlineData("name: pump-7", "name: pump-7, each: file",
        "source.csv.device: expected one of name: pump-7, column: person, each: file, part: person")]
    [InlineData("nats://edge-1", "http://edge-1:1883",
        "link.url: expected nats://host[:4222], tls://, mqtt:// or mqtts://, without user or "
        + "path; http:// is not MQTT")]
    [InlineData("rate: 50/s", "rate: 50/s, comment: '//'", "source.csv.comment: expected a character, got '//'")]
    [InlineData("time: ms", "time: 'd/M/yyyy q:mm'", "columns.t.time: expected a custom .NET date and time format, got 'd/M/yyyy q:mm'")]
    [InlineData("csv: { files: a.csv, device: { name: pump-7 }, rate: 50/s }",
        "command: { run: [cat], device: pump-7, format: csv, numbers_in_texts: true }",
        "source.command.numbers_in_texts: expected format: json with it")]
    [InlineData("  csv: { files: a.csv, device: { name: pump-7 }, rate: 50/s }\ncolumns:\n  t: { time: ms }",
        "  command: { run: [cat], device: pump-7, format: json }\ncolumns:\n  t: { time: 'd/M/yyyy H:mm:ss' }",
        "a format such as 'd/M/yyyy H:mm:ss' is for csv")]
    [InlineData("source:\n  csv: { files: a.csv, device: { name: pump-7 }, rate: 50/s }", "aggregate: { strategy: fedavg }",
        "expected a sensor's file, got an aggregator's")]
    [InlineData("rate: 50/s", "follow: true, decimal: comma", "source.csv.decimal: expected another delimiter than comma")]
    [InlineData("a.csv, device: { name: pump-7 }", "'*.csv', follow: true, device: { name: p }",
        "source.csv.follow: expected one file and named devices")]
    [InlineData("csv: {", "generator: { users: [1] } #", "columns: expected no columns: recordings and generator define them")]
    [InlineData("label: [good, worn]", "label: [good, worn], next: { mean_of: ay, levels: [1] }",
        "expected a channel of next.mean_of, one of ax, got 'ay'")]
    [InlineData("label: [good, worn]", "label: [good, worn], next: { mean_of: ax, levels: [1, 2] }",
        "expected 1 rising levels for 2 classes, got 1, 2")]
    [InlineData("csv: { files: a.csv, device: { name: pump-7 }, rate: 50/s }", "mqtt: { url: nats://x, topic: a, devices: [a] }",
        "expected mqtt://host[:1883] or mqtts://")]
    [InlineData("csv: { files: a.csv, device: { name: pump-7 }, rate: 50/s }", "mqtt: { url: mqtt://x, topic: a/b, devices: [a, b] }",
        "expected a level '+' for the names")]
    [InlineData("csv: { files: a.csv, device: { name: pump-7 }, rate: 50/s }", "host: { device: pi-1 }", "has no label")]
    public void What_is_wrong_is_said_with_its_place(string good, string bad, string expected)
    {
        Assert.Contains(good, Rows, StringComparison.Ordinal);

        var refused = Assert.Throws<ConfigurationException>(() =>
            ConfigTree.Parse("f.yaml", Rows.Replace(good, bad, StringComparison.Ordinal)).Read(SensorConfig.Read));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_without_a_label_can_be_shown_and_a_unit_can_be_declared()
    {
        var text = Rows.Replace("  state: { label: [good, worn] }", "", StringComparison.Ordinal)
            .Replace("m/s2", "pulses", StringComparison.Ordinal).Replace("classes: 2", "classes: 4", StringComparison.Ordinal);

        Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("f.yaml", text).Read(SensorConfig.ReadRows));
        var read = ConfigTree.Parse("f.yaml", $"{text}\nown_units: [pulses]").Read(SensorConfig.ReadRows).Value;

        Assert.Null(read.Columns.Label);
        Assert.Equal("pulses", read.Columns.Channels[0].Unit.Symbol);
    }

    [Theory]
    [InlineData("streamlearn: 1")]
    [InlineData("source: { recordings: {} }")]
    [InlineData("source: { csv: {} }")]
    [InlineData("source: { mqtt: {} }")]
    [InlineData("source: { host: {} }")]
    [InlineData("columns: { ax: }")]
    [InlineData("columns: 5")]
    public void A_file_that_lacks_almost_all_is_refused_and_nothing_else_happens(string text) =>
        Assert.Throws<ConfigurationException>(() => ConfigTree.Parse("f.yaml", text).Read(SensorConfig.Read));
}
