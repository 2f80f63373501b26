using System.Text;

namespace StreamLearn.Simulation;

/// <summary>The lines of a recording. <paramref name="name"/>: the end of its name in messages; empty: it is the only one.</summary>
internal sealed class ReplayedRecording(TextReader reader, string name)
{
    private readonly StringBuilder _text = new();

    internal List<ReplayedPipeline> Pipelines { get; } = [];

    /// <summary>Null: the end.</summary>
    internal string? Line { get; private set; }

    internal long Number { get; private set; }

    /// <summary>Why it waits; null: it has not yet.</summary>
    internal ReplayException? Lacking { get; set; }

    internal string Place => name.Length == 0 ? $"line {Number}" : $"recording{name}, line {Number}";

    internal ReplayException Damaged(string what, bool lacksMessage = false) =>
        new($"recording{name}, line {Number}: {what}") { LacksMessage = lacksMessage };

    /// <summary>Ignores an unterminated last line, which was truncated.</summary>
    internal string? Next()
    {
        Number++;
        _text.Clear();
        for (var c = reader.Read(); c >= 0; c = reader.Read())
        {
            if (c == '\n') { return Line = _text.ToString(); }
            if (c != '\r') { _text.Append((char)c); }
        }

        return Line = null;
    }
}
