using System.Text;

namespace StreamLearn.Programs.Tests;

/// <summary>Damaged files are read or refused, and nothing else.</summary>
public sealed class HostileTests
{
    private const int Mutants = 20_000;

    private static readonly string[] Pieces =
    [
        "\n", "  ", "- ", ": ", "{", "}", "[", "]", ",", "#", "&a ", "*a", "!t ", "? ", "| ", ">", "'", "\"", "\\", "%", "@", "`", "<<: ",
        "---\n", "...\n", "~", "\t", "\0", "\r", "\u0085", "é", "\uFEFF", "99999999999999999999", "-", ".", "e", "|9\n", "\\u", "\\x", "!<",
        "!!",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_mutant_is_read_or_refused_with_its_place(int seed)
    {
        var (random, original) = (new Random(seed), Encoding.UTF8.GetBytes(Sample.Text));
        var (read, refused) = (0, 0);
        for (var i = 0; i < Mutants / 2; i++)
        {
            var bytes = Mutate(original, random);
            try
            {
                var settings = Sample.Read(YamlText.Decode(Sample.Name, bytes));
                _ = settings.ToYaml(withOrigins: true);
                read++;
            }
            catch (ConfigurationException e)
            {
                Assert.All(e.Problems, p => Assert.True(p.Origin is { Source: Sample.Name, Line: >= 1, Column: >= 1 }, p.ToString()));
                refused++;
            }
        }

        Assert.True(read > 500 && refused > 5000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void An_override_is_taken_or_refused()
    {
        var (random, taken, refused) = (new Random(3), 0, 0);
        for (var i = 0; i < 5_000; i++)
        {
            var text = "retry.times=" + string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            try
            {
                _ = Sample.Read(Sample.Text, text);
                taken++;
            }
            catch (ConfigurationException e)
            {
                Assert.All(e.Problems, p => Assert.Equal(0, p.Origin.Line));
                refused++;
            }
        }

        Assert.True(taken > 100 && refused > 3000, $"{taken} taken, {refused} refused");
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at)); break;
                case 2: bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)])); break;
                case 3: bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at))); break;
                default: (bytes[at], bytes[^1]) = (bytes[^1], bytes[at]); break;
            }

            if (bytes.Count == 0) { bytes.Add((byte)'a'); }
        }

        return [.. bytes];
    }
}
