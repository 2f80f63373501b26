using System.Buffers;
using StreamLearn;

namespace TauDemo.Tests;

/// <summary>Commands as bytes and in a command line.</summary>
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
}
