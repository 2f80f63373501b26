namespace StreamLearn.Tables;

/// <summary>Files or options that cannot be used; the message names the option, the file and the reason.</summary>
public sealed class TableException : Exception
{
    private TableException(string message, Exception inner)
        : base(message, inner)
    {
    }

    internal static T Of<T>(Func<T> call)
    {
        try
        {
            return call();
        }
        catch (ProgramException e)
        {
            throw new TableException(e.Message, e);
        }
    }
}
