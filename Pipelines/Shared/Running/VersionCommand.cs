using System.CommandLine;
using System.Runtime.InteropServices;

namespace StreamLearn.Programs;

internal static class VersionCommand
{
    public static Command Create(string program)
    {
        var command = new Command("version", "Print the version of the program, its runtime and system.");
        command.SetAction(_ =>
        {
            Console.Out.WriteLine($"{program} {ProgramText.VersionOf(typeof(VersionCommand).Assembly)}");
            Console.Out.WriteLine($"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.RuntimeIdentifier}");
        });
        return command;
    }
}
