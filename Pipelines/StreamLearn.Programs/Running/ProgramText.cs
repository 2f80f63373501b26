using System.Reflection;

namespace StreamLearn.Programs;

internal static class ProgramText
{
    public static string Version { get; } =
        $"{Assembly.GetEntryAssembly()?.GetName().Name ?? "streamlearn"} {VersionOf(Assembly.GetEntryAssembly())}";

    /// <summary>Returns an assembly's version, without its commit.</summary>
    public static string VersionOf(Assembly? assembly) =>
        assembly?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";
}
