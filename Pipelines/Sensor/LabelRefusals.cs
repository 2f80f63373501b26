namespace Sensor;

internal sealed class LabelRefusals(Action<string> say)
{
    private readonly HashSet<string> _said = [];

    internal void Add(string counter, string sentence) =>
        Say(counter, $"{sentence}; it is ignored, and further ones are counted as {counter}");

    internal void AddGone(string sentence) => Say("", sentence);

    private void Say(string about, string sentence)
    {
        lock (_said)
        {
            if (!_said.Add(about)) { return; }
        }

        say(sentence);
    }
}
