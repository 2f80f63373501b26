using System.Buffers;
using System.Text;
using StreamLearn;

namespace TauDemo.Tests;

/// <summary>Commands as bytes, in a command line and from a page.</summary>
public sealed class CommandTests
{
    [Fact]
    public void Commands_come_back_from_their_bytes()
    {
        foreach (var command in new[] { DemoCommand.SetCase(DataCase.Mixed), DemoCommand.SetDelay(0), DemoCommand.SetDelay(60_000) })
        {
            var bytes = new ArrayBufferWriter<byte>();
            DemoCommand.Codec.Encode(command, bytes);

            Assert.True(DemoCommand.Codec.TryDecode(new(bytes.WrittenMemory), new BatchPool(), out var read));
            Assert.Equal(command, read);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("01020000")]
    [InlineData("010200000000")]
    [InlineData("0105000000")]
    [InlineData("0100000000")]
    [InlineData("02FFFFFFFF")]
    [InlineData("0261EA0000")]
    [InlineData("0301000000")]
    public void Bytes_that_are_no_command_are_refused(string hex) =>
        Assert.False(DemoCommand.Codec.TryDecode(new(Convert.FromHexString(hex)), new BatchPool(), out _));

    [Fact]
    public void News_of_a_node_come_back_from_their_bytes()
    {
        var news = new NodeNews("node-3", 2, [.. Enumerable.Range(0, 10)], ["got version 1", "sent \"update\""]);
        var bytes = new ArrayBufferWriter<byte>();
        NodeNews.Codec.Encode(news, bytes);

        Assert.True(NodeNews.Codec.TryDecode(new(bytes.WrittenMemory), new BatchPool(), out var read));
        Assert.Equal((news.Node, news.Case), (read.Node, read.Case));
        Assert.Equal(news.Classes, read.Classes.AsEnumerable());
        Assert.Equal(news.Lines, read.Lines.AsEnumerable());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"node": "n", "case": 1, "classes": [1], "lines": []}""")]
    [InlineData("""{"node": null, "case": 1, "classes": [0,0,0,0,0,0,0,0,0,0], "lines": []}""")]
    [InlineData("""{"node": "n", "case": 1, "classes": [0,0,0,0,0,0,0,0,0,0], "lines": [null]}""")]
    [InlineData("""{"node": "n", "case": 1, "classes": [0,0,0,0,0,0,0,0,0,0]}""")]
    public void Bytes_that_are_no_news_are_refused(string json) =>
        Assert.False(NodeNews.Codec.TryDecode(new(Encoding.UTF8.GetBytes(json)), new BatchPool(), out _));

    [Theory]
    [InlineData("5:set-case=2", 5, "set-case 2")]
    [InlineData("0.25:set-delay=60000", 0.25, "set-delay 60000")]
    public void A_command_line_gives_times(string text, double seconds, string command)
    {
        Assert.True(TimedCommandText.TryParse(text, out var read, out _));

        Assert.Equal(TimeSpan.FromSeconds(seconds), read.At);
        Assert.Equal(command, read.Command.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("set-case=2")]
    [InlineData("5:set-case")]
    [InlineData("5:set-case=0")]
    [InlineData("5:set-case=+2")]
    [InlineData("5:set-delay=60001")]
    [InlineData("-1:set-case=2")]
    [InlineData("NaN:set-case=2")]
    [InlineData("3601:set-case=2")]
    [InlineData("5:stop=2")]
    [InlineData("5=set-case:2")]
    public async Task What_is_no_command_ends_with_2_and_says_what_was_expected(string text)
    {
        Assert.False(TimedCommandText.TryParse(text, out _, out var reason));

        Assert.StartsWith("expected ", reason, StringComparison.Ordinal);
        Assert.Equal(2, await CommandLine.RunAsync(["run", "--at", text]));
    }

    [Theory]
    [InlineData("--case", "5")]
    [InlineData("--seconds", "0")]
    [InlineData("--delay", "-1")]
    [InlineData("--seed", "x")]
    public async Task Options_out_of_range_end_with_2(string option, string value) =>
        Assert.Equal(2, await CommandLine.RunAsync(["run", option, value]));

    [Theory]
    [InlineData("0.0.0.0:80", 2)]
    [InlineData("nowhere", 2)]
    public async Task The_page_is_of_this_machine_alone(string address, int expected) =>
        Assert.Equal(expected, await CommandLine.RunAsync(["serve", "--http", address]));

    [Theory]
    [InlineData("--wait")]
    [InlineData("--patience", "5s")]
    [InlineData("--fleet", "plant")]
    public async Task What_says_how_to_meet_over_a_server_needs_one(params string[] options) =>
        Assert.Equal(2, await CommandLine.RunAsync(["serve", .. options]));

    [Fact]
    public async Task An_address_in_use_ends_with_3()
    {
        await using var shown = await ShownSession.OpenAsync();

        Assert.Equal(3, await CommandLine.RunAsync(["serve", "--http", $"{shown.Address.Port}"]));
    }

    [Theory]
    [InlineData("""{"command": "set-case", "value": 4}""")]
    [InlineData("""{"value": 0, "command": "set-delay"}""")]
    [InlineData("""{"command": "set-pace", "value": "pause"}""")]
    [InlineData("""{"command": "run-again"}""")]
    public void A_page_asks_for_four_things(string json) =>
        Assert.True(SessionRequest.TryParse(Encoding.UTF8.GetBytes(json), out _, out _));

    public static TheoryData<string> Refused =>
    [
        "", "7", "[]", "{}", "null", "set-case 2", """{"command": 1}""", """{"command": "set-case"}""",
        """{"command": "set-case", "value": 0}""", """{"command": "set-case", "value": 5}""", """{"command": "set-case", "value": 1.5}""",
        """{"command": "set-case", "value": "2"}""", """{"command": "set-case", "value": 1e99}""",
        """{"command": "set-delay", "value": -1}""", """{"command": "set-delay", "value": 60001}""",
        """{"command": "set-pace", "value": "faster"}""", """{"command": "set-pace", "value": 1}""", """{"command": "set-pace"}""",
        """{"command": "run-again", "value": 1}""", """{"command": "stop"}""", """{"command": "set-case", "value": 1, "also": 2}""",
        """{"command": "set-case", "value": 1, "value": 2}""", """{"command": "set-case", "value": [1]}""",
        """{"command": "set-case", "value": 1} and more""", """{"command": "set-case", "value": {"a": {}}}""",
        """{"command": "\ud800", "value": 1}""",
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void Whatever_else_a_page_asks_for_is_refused(string json)
    {
        Assert.False(SessionRequest.TryParse(Encoding.UTF8.GetBytes(json), out _, out var reason));

        Assert.NotEmpty(reason);
    }
}
