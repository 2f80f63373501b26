using StreamLearn;

namespace TauDemo;

/// <summary>Gives one command, and ends.</summary>
internal sealed class GivenCommand(DemoCommand command, OperatorContext context) : Source<DemoCommand>, ISeekable
{
    private readonly DateTimeOffset _at = context.Now;
    private bool _given;

    public override DateTimeOffset? NextAt => _given ? null : _at;

    public void Seek(long messages) => _given = messages > 0;

    public override DemoCommand Next()
    {
        _given = true;
        return command;
    }
}
