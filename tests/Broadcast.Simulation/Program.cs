using Broadcast.Simulation;

return Commands.Run(args, Console.Out);
