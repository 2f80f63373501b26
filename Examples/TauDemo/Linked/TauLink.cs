using StreamLearn;
using StreamLearn.Programs;

namespace TauDemo;

/// <summary>The way of a fleet's members to each other.</summary>
/// <param name="Server">The server.</param>
/// <param name="Login">A file with user and password; null: there is none.</param>
/// <param name="Fleet">The fleet's name.</param>
/// <param name="IsShared">True: another fleet may have the name, too; false: it was made for this one.</param>
internal sealed record TauLink(Uri Server, FileInfo? Login, string Fleet, bool IsShared = true)
{
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(10);

    /// <summary>Opens a transport for a member.</summary>
    internal ITransport Open() => EdgeServer.Open(Server, client: null, Kept, Login);

    /// <inheritdoc />
    public override string ToString() => $"fleet '{Fleet}' at {EdgeServer.NameOf(Server)}";
}
