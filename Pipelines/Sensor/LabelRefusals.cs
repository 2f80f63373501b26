namespace Sensor;

/// <summary>Reports each reason once.</summary>
internal sealed class LabelRefusals(Action<string> say)
{
    private readonly HashSet<string> _said = [];

    internal void Add(string reason, string sentence)
    {
        lock (_said)
        {
            if (!_said.Add(reason)) { return; }
        }

        say(reason == "windows-gone" ? sentence : $"{sentence}; it is passed over, and others like it are counted as {reason}");
    }
}
