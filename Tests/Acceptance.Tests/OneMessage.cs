namespace Acceptance.Tests;

internal sealed class OneMessage<T>(T message, DateTimeOffset at) : Source<T>
    where T : class
{
    private bool _made;

    public override DateTimeOffset? NextAt => _made ? null : at;

    public override T Next()
    {
        _made = true;
        return message;
    }
}
