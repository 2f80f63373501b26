using Tool;

using var bytes = Console.OpenStandardOutput();
return CommandLine.Run(args, Console.In, Console.Out, Console.Error, bytes);
