namespace StreamLearn.Programs;

internal sealed class SaveWatch(Action<string> say)
{
    private bool _fails;

    public void Look(string unsaved, Exception? failure)
    {
        if (failure is not null == _fails) { return; }
        _fails = failure is not null;
        say(failure is null ? "saving works again; held back messages are sent"
            : $"{unsaved} until it can: {failure.Message.ReplaceLineEndings(" ")}");
    }
}
