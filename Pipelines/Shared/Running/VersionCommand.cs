using System.CommandLine;
using System.Runtime.InteropServices;

namespace StreamLearn.Programs;

/// <summary><c>version</c>: what the program was built of, and where it runs.</summary>
internal static class VersionCommand
{
    /// <summary>Makes it.</summary>
    public static Command Create(string program)
    {
        var command = new Command("version", "Print the version of the program, and where it runs.");
        command.SetAction(_ =>
        {
            Console.Out.WriteLine($"{program} {ProgramText.VersionOf(typeof(VersionCommand).Assembly)}");
            Console.Out.WriteLine($"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}");
        });
        return command;
    }
}
