namespace StreamLearn.Programs.Tests;

public sealed class PrintableWriterTests
{
    private const string Evil = "x\r\nFAKE: all good\e[2J\u202e";

    [Fact]
    public async Task Each_text_that_is_written_as_a_line_is_one_printable_line_and_what_a_program_makes_up_passes()
    {
        using var lines = new StringWriter { NewLine = "\n" };
        await using var writer = new PrintableWriter(lines, maxLength: 30);

        writer.WriteLine(Evil);
        writer.WriteLine(Evil.AsSpan());
        writer.WriteLine((object)Evil);
        writer.WriteLine("{0}", Evil);
        writer.WriteLine($"{Evil}");
        await writer.WriteLineAsync(Evil);
        writer.WriteLine(new string('a', 31));
        writer.Write("\e[H");
        writer.Write("two\nlines\n");

        Assert.Equal(string.Concat(Enumerable.Repeat("x··FAKE: all good·[2J·\n", 6)) + new string('a', 30) + "…\n\e[Htwo\nlines\n",
            lines.ToString());
    }
}
