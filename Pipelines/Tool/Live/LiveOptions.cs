using System.CommandLine;
using System.CommandLine.Parsing;
using Sensor;
using StreamLearn.Formats;
using StreamLearn.Programs;

namespace Tool;

internal sealed record LiveSource(
    LineOrigin? Lines, TopicAddress? Topic, bool IsJson, LiveForm Form, (string Name, TimeUnit Unit, string? Format)? Time,
    FileInfo? Login, TopicAddress? To, string Device, FileInfo? Out, double? Bound)
{
    /// <summary>True if an MQTT retained message counts as a current row, false if it is dropped and counted.</summary>
    internal bool TakesRetained { get; init; }
}

internal sealed class LiveOptions
{
    private readonly Option<string?> _command = new("--command")
    {
        Description = "Read rows from the output of this command; a shell runs it.",
        HelpName = "command",
    };

    private readonly Option<string?> _serial = new("--serial")
    {
        Description = "Read rows from this serial port, such as /dev/ttyUSB0.",
        HelpName = "port",
    };

    private readonly Option<int> _baud = new("--baud")
    {
        Description = "Baud rate of --serial.",
        DefaultValueFactory = static _ => 115_200,
        HelpName = "n",
    };

    private readonly Option<string?> _mqtt = Topic(
        "--mqtt", "Read rows from this topic: mqtt://host/plant/pump-7/rows.", "mqtt", "mqtts");

    private readonly Option<string?> _nats = Topic(
        "--nats", "Read rows from this topic: nats://host/plant/pump-7/rows.", "nats", "tls");

    private readonly Option<string?> _to = Topic(
        "--to", "Publish answers here, as JSON: mqtt://host/plant/pump-7/answer, or nats://.", "mqtt", "mqtts", "nats", "tls");

    private readonly Option<string?> _format = new("--format")
    {
        Description = "The format of a line or message. Default: csv for lines, with column names in the first; json for messages.",
    };

    private readonly Option<string?> _decimal = new("--decimal")
    {
        Description = "Decimals of live rows of CSV, point or comma. Default: as in the rows learned from.",
    };

    private readonly Option<string?> _names = new("--columns")
    {
        Description = "The names of the values of live rows of CSV without a header, in order: 'temp,humidity,state'.",
        HelpName = "columns",
    };

    private readonly Option<string?> _time = new("--time")
    {
        Description = "The column of the time and its unit: t:ms, or s, us, ns, iso8601; or t with --time-format. Default: the time of "
            + "arrival.",
        HelpName = "name:unit",
    };

    private readonly Option<FileInfo?> _login = new("--login")
    {
        Description = "A file with user name and password in two lines, for the servers; for NATS also a token in one line.",
        HelpName = "file",
    };

    private readonly Option<string> _device = new("--as")
    {
        Description = "The name of the device in published messages.",
        DefaultValueFactory = static _ => "device",
        HelpName = "name",
    };

    private readonly Option<string?> _retained = new("--retained")
    {
        Description = "With --mqtt, what to do with retained messages: skip (default) or take.",
    };

    private static readonly string[] OfForm =
        ["--delimiter", "--encoding", "--comment", "--no-header", "--header", "--missing", "--time-format"];

    internal LiveOptions()
    {
        _retained.AcceptOnlyFromAmong("skip", "take");
        _format.AcceptOnlyFromAmong("csv", "json");
        _decimal.AcceptOnlyFromAmong("point", "comma");
        _baud.Check(static text => int.TryParse(text, out var baud) && LineOrigin.Speeds.Contains(baud) ? null
            : $"expected one of {string.Join(", ", LineOrigin.Speeds)}, got '{text}'");
    }

    internal Option? Out { get; set; }

    internal string Published { init => _to.Description = value; }

    internal Option<double?>? Bound { get; set; }

    internal IReadOnlyList<Option> Beside { get; set; } = [];

    private Option[] Sources => [_command, _serial, _mqtt, _nats];

    private Option[] Own => [.. Sources, _baud, _format, _decimal, _names, _time, _retained, _login, _to, _device];

    internal void AddTo(Command command)
    {
        foreach (var option in Own) { command.Add(option); }
    }

    internal bool IsGiven(SymbolResult result) => Array.Exists(Sources, result.Has);

    internal string? Broken(CommandResult result)
    {
        Option?[] known = [.. Own, Out, Bound, .. Beside];
        var given = result.Children.OfType<OptionResult>().Where(static o => !o.Implicit).Select(static o => o.Option).ToList();
        return given.Except(known).FirstOrDefault(static o => !OfForm.Contains(o!.Name)) is { } other
                ? $"{other.Name}: leave it out with live rows"
            : given.Count(Sources.Contains) > 1 ? $"{result.Command.Name}: expected one of --command, --serial, --mqtt and --nats"
            : given.Contains(_retained) && !given.Contains(_mqtt) ? "--retained: expected --mqtt with it: only MQTT has retained "
                + "messages"
            : result.GetValue(_time) is { } time && RowChoices.TimeOf(time, result.GetValue<string?>("--time-format")) is null
                ? $"--time: expected a name and a unit, such as t:ms, or --time-format with it, got '{time}'"
            : ComesBack(result) ? "--to: expected a topic other than that of the rows, where answers would be read as rows, got "
                + $"'{result.GetValue(_to)}'"
            : null;
    }

    /// <summary>Refuses options of live rows beside rows in files; null: none.</summary>
    internal string? Refused(CommandResult result) => Array.Find(Own, o => o != _time && result.Has(o)) is { } live
        ? $"{live.Name}: leave it out; it is for live rows" : null;

    private bool ComesBack(CommandResult result) =>
        AddressOf(result.GetValue(_mqtt) ?? result.GetValue(_nats)) is { } from && AddressOf(result.GetValue(_to)) is { } to
            && EdgeServer.NameOf(from.Server) == EdgeServer.NameOf(to.Server) && from.Topic == to.Topic;

    internal LiveSource Of(ParseResult result)
    {
        LineOrigin? lines = result.GetValue(_command) is { } command ? LineOrigin.Command("sh", "-c", command)
            : result.GetValue(_serial) is { } port ? LineOrigin.Serial(port, result.GetValue(_baud)) : null;
        return new(lines, AddressOf(result.GetValue(_mqtt) ?? result.GetValue(_nats)),
            result.GetValue(_format) is { } format ? format == "json"
                : lines is null && result.GetValue(_names) is null && result.GetValue(_decimal) is null,
            new(ColumnOptions.OfLive(result).Form, result.GetValue(_decimal) is { } point ? point == "comma" : null,
                result.GetValue(_names)?.Split(',', StringSplitOptions.TrimEntries) ?? []),
            result.GetValue(_time) is { } time ? RowChoices.TimeOf(time, result.GetValue<string?>("--time-format")) : null,
            result.GetValue(_login), AddressOf(result.GetValue(_to)),
            result.GetRequiredValue(_device), result.GetResult(Out!) is { Tokens: [{ Value: var file }, ..] } ? new(file) : null,
            Bound is null ? null : result.GetValue(Bound))
        {
            TakesRetained = result.GetValue(_retained) == "take",
        };
    }

    private static TopicAddress? AddressOf(string? text)
    {
        if (text is null) { return null; }
        _ = TopicAddress.TryParse(text, out var address);
        return address;
    }

    private static Option<string?> Topic(string name, string description, params string[] schemes)
    {
        Option<string?> option = new(name) { Description = description, HelpName = "url/topic" };
        option.Check(text => TopicAddress.TryParse(text, out var address)
            ?? (!schemes.Contains(address!.Server.Scheme) ? $"expected {string.Join("://, ", schemes)}://"
                : address.IsFilter ? "expected the topic of one device, without '+' and '#'" : null));
        return option;
    }
}
