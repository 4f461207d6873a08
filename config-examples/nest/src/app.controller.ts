import { Body, Controller, Get, NotFoundException, Param, Post } from '@nestjs/common'
import { AppService } from './app.service.js'
import { CreateGreeting } from './create-greeting.dto.js'

@Controller()
export class AppController {
  // Nest finds the service by the type of the parameter.
  constructor(private readonly app: AppService) {}

  @Get()
  hello(): { hello: string } {
    return { hello: 'world' }
  }

  @Get('greetings/:language')
  find(@Param('language') language: string): { greeting: string } {
    const greeting = this.app.find(language)
    if (greeting === undefined) throw new NotFoundException()
    return { greeting }
  }

  // ValidationPipe checks the body by the type of the parameter.
  @Post('greetings')
  create(@Body() greeting: CreateGreeting): CreateGreeting {
    this.app.add(greeting)
    return greeting
  }

  @Get('error')
  error(): never {
    throw new Error('this route always fails')
  }
}
