namespace Sensor;

/// <summary>Says, once for each reason, that a label was refused.</summary>
internal sealed class LabelRefusals(Action<string> say)
{
    private readonly HashSet<string> _said = [];

    /// <summary>Takes a refusal, on the thread of the block.</summary>
    internal void Add(string reason, string sentence)
    {
        lock (_said)
        {
            if (!_said.Add(reason)) { return; }
        }

        say(reason == "windows-gone" ? sentence : $"{sentence}; it is passed over, and others like it are counted as {reason}");
    }
}
