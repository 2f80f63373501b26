using System.Buffers;
using StreamLearn.Formats;

namespace Sensor.Tests;

/// <summary>Live sources take the keys of files for the form of text rows.</summary>
public sealed class LiveFormConfigTests
{
    private const string Keys = "delimiter: semicolon, decimal: comma, encoding: latin1, comment: '#', missing: ['-200']";
    private const string Columns = "{ t: { time: 'd.M.yyyy H:mm' }, Temp: { unit: Cel }, hum: {}, state: { label: [läuft, steht] } }";
    private static readonly string[] Rows = ["1.3.2026 12:00;21,5;0,3;läuft", "1.3.2026 12:01;1.021,5;0,25;steht"];

    [Theory]
    [InlineData("mqtt: { url: mqtt://h, topic: t, devices: [d], format: csv, KEYS }")]
    [InlineData("nats: { url: nats://h, topic: t, devices: [d], format: csv, KEYS }")]
    [InlineData("command: { run: [x], device: d, KEYS }")]
    [InlineData("serial: { port: /dev/ttyS0, device: d, KEYS }")]
    public void Rows_are_read_by_the_keys_of_files(string source)
    {
        var config = Config(source.Replace("KEYS", Keys, StringComparison.Ordinal));
        var form = Assert.IsType<PayloadForm.Csv>(((LiveConfig)config.Source).Form).Form;
        var file = ((CsvConfig)Config($"csv: {{ files: x.csv, device: {{ name: d }}, {Keys} }}").Source).Form;
        var named = (LiveConfig)Config(
            source.Replace("KEYS", $"{Keys}, columns: [state, note, hum, Temp, t]", StringComparison.Ordinal)).Source;

        Assert.Equal((file.Delimiter, file.DecimalComma, file.Encoding, file.Comment, string.Join('|', file.Missing)),
            (form.Delimiter, form.DecimalComma, form.Encoding, form.Comment, string.Join('|', form.Missing)));
        var expected = Read(new LinesConfig("d", LineOrigin.Command("x"), new PayloadForm.Csv(form with { Header = true }), null), config,
            ["hum;t;Temp [°C];note;state", .. Rows.Select(static r => r.Split(';')).Select(static r => $"{r[2]};{r[0]};{r[1]};;{r[3]}")]);
        Assert.Equal([21.5f, 1021.5f], expected);
        if (!form.Header) { Assert.Equal(expected, Read((LiveConfig)config.Source, config, ["# boot", .. Rows])); }
        Assert.Equal(expected, Read(named, config, [.. Rows.Select(static r => string.Join(';', r.Split(';').Reverse()).Insert(5, ";x"))]));
    }

    [Theory]
    [InlineData("format: csv", "21,5;0,3", "try delimiter: semicolon, decimal: comma")]
    [InlineData("format: csv, delimiter: semicolon", "21,5;0,3", "try decimal: comma")]
    [InlineData("format: csv, delimiter: semicolon, decimal: comma", "21.5;0.3", "try decimal: point")]
    [InlineData("format: csv", "21.5,0.3,ok", "try columns: NAMES")]
    [InlineData("format: csv, header: true", "21.5,0.3", "try header: false")]
    [InlineData("format: csv", "x,y\n21.5,0.3", "try header: true")]
    [InlineData("format: csv", "{\"x\":21.5}", "bad CSV at byte 0; try format: json")]
    [InlineData("format: json", "21,5;0,3", "; try format: csv, delimiter: semicolon, decimal: comma")]
    [InlineData("format: json", "{\"x\":", "bad JSON at byte 5")]
    public void A_message_of_another_form_is_refused_and_the_form_it_seems_to_have_is_said(string keys, string text, string expected)
    {
        var config = Config($"mqtt: {{ url: mqtt://h, topic: t, devices: [d], {keys} }}", "{ at: { time: arrival }, x: {}, y: {} }");
        var codec = RowCodecs.Of((LiveConfig)config.Source, config.Columns);

        Assert.False(codec.Codec.TryDecode(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), new(), out _));

        Assert.EndsWith(expected, codec.WhyUnread(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("format: csv, header: true, columns: [t, Temp]", "expected header: false with it")]
    [InlineData("format: csv, columns: [t, Temp, hum]", "expected column 'state' once among the columns of the source, t, Temp, hum")]
    [InlineData("format: json, encoding: latin1", "expected format: csv with it")]
    [InlineData("format: json", "a format such as 'd.M.yyyy H:mm' is for csv")]
    public void Keys_that_do_not_go_together_are_refused(string keys, string expected)
    {
        var refused = Assert.Throws<ConfigurationException>(() => Config($"mqtt: {{ url: mqtt://h, topic: t, devices: [d], {keys} }}"));

        Assert.Contains(refused.Problems, p => p.Text.Contains(expected, StringComparison.Ordinal));
    }

    private static float[] Read(LiveConfig source, SensorConfig config, params string[] lines)
    {
        var codec = RowCodecs.Of(source, config.Columns);
        var bytes = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(string.Join('\n', lines)));
        Assert.True(codec.Codec.TryDecode(bytes, new(), out var batch), codec.WhyUnread());
        using (batch)
        {
            Assert.Equal([0, 1], batch["label"].Values<int>().ToArray());
            Assert.Equal([0.3f, 0.25f], batch["hum"].Values<float>().ToArray());
            Assert.Equal(60_000_000_000, batch["time"].Values<long>()[1] - batch["time"].Values<long>()[0]);
            return batch["Temp"].Values<float>().ToArray();
        }
    }

    private static SensorConfig Config(string source, string columns = Columns) => ConfigTree.Parse("f",
        $"{{ streamlearn: 1, fleet: f, link: {{ url: nats://h }}, source: {{ {source} }}, columns: {columns}, "
            + "pipeline: [check: {}, window: {}, learn: {}] }").Read(SensorConfig.ReadRows).Value;
}
